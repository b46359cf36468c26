import test from 'ava'
import type { Browser, Page } from 'playwright-core'
import { addressOf, has } from '../support/addresses.ts'
import { launchChromium, newPage, picture, screens, violations } from '../support/browser.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { foreignWallet } from '../support/foreign-wallet.ts'
import { calledBack, openOffer, problemOn } from '../support/person.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { needsSerially } from '../support/service.ts'

// The demo with a real Keycloak as a second sign-in: a person in Chromium on Keycloak's own page, and a wallet that others wrote.

let demo: Demo
let browser: Browser
test.before(async () => {
  if (!has('Chromium') || !has('Keycloak')) return
  demo = await startDemo({ CLAIMGATE_KEYCLOAK_URL: addressOf('Keycloak') })
  browser = await launchChromium()
})
test.after.always(async () => {
  await browser?.close()
  await demo?.stop()
})

const withKeycloak = needsSerially('Keycloak', 'Chromium')
const redirectUri = 'example-wallet://callback'
const wallet = foreignWallet({ redirectUri, dpop: true })

/** The link that the QR code of the staff's offer holds. */
async function scan(page: Page): Promise<string> {
  await openOffer(page, demo.url, 'staff')
  return (await page.getAttribute('#open-wallet', 'href')) ?? ''
}

async function chooseKeycloak(page: Page, url: URL): Promise<void> {
  await page.goto(url.href)
  await page.click('#idp-keycloak')
  await page.waitForSelector('#kc-login')
}

async function signIn(page: Page, name: string, password = name): Promise<void> {
  await page.fill('#username', name)
  await page.fill('#password', password)
  await page.click('#kc-login')
}

withKeycloak(
  'VCI-31, VCI-72: alice signs in on Keycloak’s own page, and a wallet of others gets what Keycloak knows of her, verified by x5c',
  async (t) => {
    const { page, complaints } = await newPage(browser, { size: 'phone' })
    const { credentials, keys, token } = await wallet.claimBySignIn(await scan(page), async (url) => {
      await chooseKeycloak(page, url)
      t.is(new URL(page.url()).origin, addressOf('Keycloak'))
      await signIn(page, 'alice')
      return calledBack(page, redirectUri, () => page.click('#approve'))
    })
    t.is(token.token_type, 'DPoP')
    const issuer = `${demo.url}/demo/staff`
    const { claims, shown } = await readSdJwt(credentials[0] ?? '', { root: await rootOf(issuer), issuer })
    t.like(claims, {
      vct: `${issuer}/types/EmployeeBadge`,
      given_name: 'Alice',
      family_name: 'Jönsson',
      employee_id: 'E-1001',
      department: 'Engineering',
      email: 'alice@acme.example',
      cnf: { jwk: { x: keys[0]?.jwk.x } },
    })
    t.deepEqual((claims.roles as string[]).toSorted(), ['employee', 'manager'])
    t.like(shown, { employee_id: 'E-1001', given_name: undefined })
    t.deepEqual(complaints, [])
    await page.context().close()
  },
)

withKeycloak(
  'bob, who has no employee number at Keycloak, reads what is missing, and his wallet hears of it',
  async (t) => {
    const { page } = await newPage(browser)
    const signedIn = wallet.claimBySignIn(await scan(page), async (url) => {
      await chooseKeycloak(page, url)
      await signIn(page, 'bob')
      await page.waitForSelector('#problem')
      const { help, text } = await problemOn(page)
      t.is(help, 'missing-claim')
      t.regex(text, /Employee number/)
      return calledBack(page, redirectUri, () => page.click('#back-to-wallet'))
    })
    t.regex((await t.throwsAsync(signedIn))?.message ?? '', /access_denied/)
    await page.context().close()
  },
)

withKeycloak('a wrong password stays at Keycloak; back from there, another account can be chosen', async (t) => {
  const { page } = await newPage(browser)
  const answer = await wallet.claimBySignIn(await scan(page), async (url) => {
    await chooseKeycloak(page, url)
    await signIn(page, 'alice', 'wrong')
    await page.waitForSelector('text=Invalid username or password')
    t.is(new URL(page.url()).origin, addressOf('Keycloak'))
    await page.goBack()
    await page.goBack()
    await page.waitForSelector('#idp-demo')
    await page.click('#idp-demo')
    await page.fill('#username', 'alice')
    await page.fill('#password', 'alice')
    await page.click('#sign-in')
    return calledBack(page, redirectUri, () => page.click('#approve'))
  })
  t.is(answer.credentials.length, 1)
  await page.context().close()
})

withKeycloak('WCAG 2.2 AA: axe finds nothing on the chooser, on a phone and a desktop', async (t) => {
  for (const [language, locale] of Object.entries({ en: 'en-GB', de: 'de-DE' })) {
    const { page } = await newPage(browser, { locale })
    await openOffer(page, demo.url, 'staff')
    await page.click('#open-demo-wallet')
    await page.click('#accept-sign-in')
    await page.waitForSelector('#idp-keycloak')
    t.is(await page.getAttribute('html', 'lang'), language)
    for (const [size, viewport] of Object.entries(screens)) {
      await page.setViewportSize(viewport)
      t.deepEqual(await violations(page), [], `${language}, ${size}`)
      if (language === 'en' && size === 'desktop') await picture(page, 'chooser')
    }
    await page.context().close()
  }
})

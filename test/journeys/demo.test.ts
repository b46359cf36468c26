import test, { type ExecutionContext } from 'ava'
import type { Browser, Page } from 'playwright-core'
import { has } from '../support/addresses.ts'
import { launchChromium, newPage, picture, type Screen, screens, violations } from '../support/browser.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { foreignWallet } from '../support/foreign-wallet.ts'
import { calledBack, heldIn, openDemoWallet, openOffer, problemOn, signInAs, waitForTitle } from '../support/person.ts'
import { needsSerially } from '../support/service.ts'

// The demo as `npm start` runs it, and a new user in a real browser.

let demo: Demo
let browser: Browser
test.before(async () => {
  if (!has('Chromium')) return
  const [started, launched] = await Promise.all([startDemo(), launchChromium()])
  demo = started
  browser = launched
})
test.after.always(async () => {
  await browser?.close()
  await demo?.stop()
})

const withChromium = needsSerially('Chromium')
const allPassed = { signature: 'true', issuer: 'true', type: 'true', holder_key: 'true', time: 'true', status: 'true' }

withChromium(
  'VCI-34, VCI-47: with the PIN of the start page the registry’s offer ends in the demo wallet, checked, and its page says so',
  async (t) => {
    const { page, complaints } = await newPage(browser, { size: 'phone' })
    await page.goto(demo.url)
    const pin = await page.textContent('.card:has(#offer-registry) code')
    await openOffer(page, demo.url, 'registry')
    const wallet = await openDemoWallet(page)
    await wallet.fill('#tx-code', '000000')
    await wallet.click('#accept')
    t.regex((await wallet.textContent('#tx-code-error')) ?? '', /invalid_grant/)
    await waitForTitle(page, 'Go on in your wallet')
    await wallet.fill('#tx-code', pin ?? '')
    await wallet.click('#accept')
    const { claims, checks } = await heldIn(wallet)
    t.deepEqual(checks, allPassed)
    t.like(claims, { given_name: 'Alice', birthdate: '1985-04-12', document_number: 'SE-4711', issuing_country: 'SE' })
    await waitForTitle(page, 'Residence permit is in your wallet')
    t.deepEqual(complaints, [])
    await page.context().close()
  },
)

withChromium(
  'VCI-31, VCI-45: alice signs in, sees what goes where, and the badge in her wallet holds what her account says',
  async (t) => {
    const { page, complaints } = await newPage(browser)
    await openOffer(page, demo.url, 'staff')
    const wallet = await openDemoWallet(page)
    await wallet.click('#accept-sign-in')
    await wallet.waitForSelector('#username')
    await waitForTitle(page, 'Finish signing in')
    await signInAs(wallet, 'alice', 'wrong')
    t.true(await wallet.isVisible('#sign-in-error'))
    await signInAs(wallet, 'alice')
    await wallet.waitForSelector('#approve')
    const shown = await wallet.innerText('#main')
    for (const part of ['Employee badge', 'Acme Staff Office', 'Alice Jönsson', 'Employee number', 'a•••@acme.example'])
      t.true(shown.includes(part), part)
    t.false(shown.includes('E-1001'), 'names of claims, not their values')
    await wallet.click('#approve')
    const { claims, checks } = await heldIn(wallet)
    t.deepEqual(checks, allPassed)
    t.deepEqual(claims, {
      given_name: 'Alice',
      family_name: 'Jönsson',
      employee_id: 'E-1001',
      department: 'Engineering',
      roles: 'employee, manager',
      email: 'alice@acme.example',
    })
    await waitForTitle(page, 'Employee badge is in your wallet')
    t.deepEqual(complaints, [])
    await page.context().close()
  },
)

withChromium('VCI-32: the campus offer needs neither sign-in nor PIN, and takes a sign-in instead', async (t) => {
  for (const way of ['accept', 'accept-sign-in']) {
    const { page } = await newPage(browser, { size: 'phone' })
    await openOffer(page, demo.url, 'campus')
    const wallet = await openDemoWallet(page)
    await wallet.click(`#${way}`)
    if (way === 'accept-sign-in') {
      await signInAs(wallet, 'alice')
      await wallet.click('#approve')
    }
    const { claims, checks } = await heldIn(wallet)
    t.deepEqual(checks, allPassed, way)
    t.like(claims, { given_name: 'Alice', student_number: 'S-2001' }, way)
    await waitForTitle(page, 'Student card is in your wallet')
    await page.context().close()
  }
})

withChromium('the whole way works without JavaScript', async (t) => {
  const { page } = await newPage(browser, { size: 'phone', javaScriptEnabled: false })
  await openOffer(page, demo.url, 'staff')
  const offer = page.url()
  await page.click('#open-demo-wallet')
  await page.click('#accept-sign-in')
  await signInAs(page, 'alice')
  await page.click('#approve')
  t.is(await page.locator('[data-held]').count(), 1)
  await page.goto(offer)
  t.is(await page.innerText('h1'), 'Employee badge is in your wallet')
  await page.context().close()
})

withChromium('bob reads what his account lacks and whom to ask, and his wallet hears of it', async (t) => {
  const { page } = await newPage(browser)
  await openOffer(page, demo.url, 'staff')
  const wallet = await openDemoWallet(page)
  await wallet.click('#accept-sign-in')
  await signInAs(wallet, 'bob')
  await wallet.waitForSelector('#problem')
  const { error, help, text } = await problemOn(wallet)
  t.is(help, 'missing-claim')
  t.truthy(error)
  t.regex(text, /Employee number/)
  t.regex(text, /the Acme help desk/)
  await wallet.click('#back-to-wallet')
  t.is((await problemOn(wallet)).error, 'access_denied')
  t.true(wallet.url().startsWith(`${demo.demoUrl}/wallet/callback?`))
  await page.context().close()
})

withChromium(
  'VCI-44: who cancels at the provider or says no on the consent page is back in the wallet, empty-handed',
  async (t) => {
    for (const way of ['cancel', 'deny']) {
      const { page } = await newPage(browser)
      await openOffer(page, demo.url, 'staff')
      const wallet = await openDemoWallet(page)
      await wallet.click('#accept-sign-in')
      if (way === 'deny') {
        await signInAs(wallet, 'alice')
        await wallet.click('#deny')
      } else await wallet.click('#cancel')
      await wallet.waitForSelector('#problem')
      t.is((await problemOn(wallet)).error, 'access_denied', way)
      await waitForTitle(page, 'Nothing was added')
      await page.context().close()
    }
  },
)

withChromium(
  '“Not you?” on the consent page lets another person sign in, of whom then everything depends',
  async (t) => {
    const { page } = await newPage(browser)
    await openOffer(page, demo.url, 'campus')
    const wallet = await openDemoWallet(page)
    await wallet.click('#accept-sign-in')
    await signInAs(wallet, 'alice')
    await wallet.click('#not-you')
    await signInAs(wallet, 'bob')
    await wallet.waitForSelector('#problem')
    const { help, text } = await problemOn(wallet)
    t.is(help, 'missing-claim')
    t.regex(text, /Student number/)
    await page.context().close()
  },
)

withChromium(
  'VCI-44: a wallet behind a scheme of its own is called after yes and after no, held up by no content security policy',
  async (t) => {
    const redirectUri = 'example-wallet://callback'
    const wallet = foreignWallet({ clientId: 'any-wallet', redirectUri })
    for (const way of ['approve', 'deny']) {
      const { page, complaints } = await newPage(browser, { size: 'phone' })
      await openOffer(page, demo.url, 'staff')
      const link = (await page.getAttribute('#open-wallet', 'href')) ?? ''
      const claimed = wallet.claimBySignIn(link, async (url) => {
        await page.goto(url.href)
        await signInAs(page, 'alice')
        await page.waitForSelector('#approve')
        t.regex(await page.innerText('#main'), /has not checked this wallet/)
        return calledBack(page, redirectUri, () => page.click(`#${way}`))
      })
      if (way === 'approve') t.is((await claimed).credentials.length, 1)
      else t.regex((await t.throwsAsync(claimed))?.message ?? '', /access_denied/)
      t.deepEqual(complaints, [])
      await page.context().close()
    }
  },
)

withChromium('who prefers German reads German on every page, and finds English', async (t) => {
  const { page } = await newPage(browser, { locale: 'de-AT' })
  const inGerman = async (title: string) => {
    t.is(await page.getAttribute('html', 'lang'), 'de')
    await waitForTitle(page, title)
  }
  await page.goto(demo.url)
  t.is(await page.getAttribute('html', 'lang'), 'de')
  await page.click('#offer-staff')
  await inGerman('Dienstausweis')
  await page.click('#open-demo-wallet')
  await inGerman('Dienstausweis')
  await page.click('#accept-sign-in')
  await inGerman('Bei Acme anmelden')
  await signInAs(page, 'alice')
  await page.waitForSelector('#approve')
  t.is(await page.getAttribute('html', 'lang'), 'de')
  t.regex(await page.innerText('#main'), /Personalnummer/)
  await page.click('#approve')
  await inGerman('Dienstausweis liegt in Ihrer Wallet')
  await page.goto(`${demo.url}?lang=en`)
  t.is(await page.getAttribute('html', 'lang'), 'en')
  await page.context().close()
})

/** Every page of the demo from the start to a credential and to a problem, in the order in which a person meets them. */
async function walkThrough(page: Page, look: (name: string, page: Page) => Promise<void>): Promise<void> {
  await page.goto(demo.url)
  await look('start', page)
  await page.click('#offer-registry')
  await look('offer-pin', page)
  await openOffer(page, demo.url, 'staff')
  await look('offer', page)
  const wallet = await openDemoWallet(page)
  await look('demo-wallet-offer', wallet)
  await wallet.click('#accept-sign-in')
  await wallet.waitForSelector('#username')
  await page.waitForSelector('.progress small')
  await look('offer-signing-in', page)
  await signInAs(wallet, 'alice', 'wrong')
  await look('sign-in', wallet)
  await signInAs(wallet, 'alice')
  await wallet.waitForSelector('#approve')
  await look('consent', wallet)
  await wallet.click('#approve')
  await wallet.waitForSelector('[data-held]')
  await look('demo-wallet', wallet)
  await page.waitForSelector('.progress .done:last-child')
  await look('offer-issued', page)
  await openOffer(wallet, demo.url, 'staff')
  await wallet.click('#open-demo-wallet')
  await wallet.click('#accept-sign-in')
  await signInAs(wallet, 'bob')
  await wallet.waitForSelector('#problem')
  await look('problem', wallet)
  await wallet.click('#back-to-wallet')
  await look('demo-wallet-problem', wallet)
  await wallet.click('#try-again')
  await look('demo-wallet-start', wallet)
}

const illustrated = { desktop: ['start', 'offer', 'consent', 'problem', 'demo-wallet'], phone: ['offer'] }

for (const [language, locale, sizes] of [
  ['English', 'en-GB', ['desktop', 'phone']],
  ['German', 'de-DE', ['phone']],
] as const)
  withChromium(
    `WCAG 2.2 AA: axe finds nothing on any page of a running demo in ${language}`,
    async (t: ExecutionContext) => {
      const { page } = await newPage(browser, { locale })
      await walkThrough(page, async (name, shown) => {
        for (const size of sizes) {
          await shown.setViewportSize(screens[size])
          t.deepEqual(await violations(shown), [], `${name}, ${size}`)
          const suffix: Record<Screen, string> = { desktop: '', phone: '-phone' }
          if (language === 'English' && illustrated[size].includes(name))
            await picture(shown, name + suffix[size], { whole: name !== 'start' })
        }
      })
      await page.context().close()
    },
  )

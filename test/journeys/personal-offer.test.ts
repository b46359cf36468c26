import test from 'ava'
import type { Browser, Page } from 'playwright-core'
import { has } from '../support/addresses.ts'
import { launchChromium, newPage, picture, violations } from '../support/browser.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { heldIn, openDemoWallet, problemOn, signInAs, waitForTitle } from '../support/person.ts'
import { needsSerially } from '../support/service.ts'

// Offers for alice in the demo, which bob has got hold of.

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
const claims = { given_name: 'Alice', family_name: 'Jönsson', document_number: 'S-7777' }

/** The page of an offer for alice, made over the API as a portal would. */
async function offerForAlice(request: object): Promise<string> {
  const key = /API key\s+(\S+)/.exec(demo.written.join('\n'))?.[1] ?? ''
  const answer = await fetch(`${demo.url}/api/v1/tenants/demo/issuers/campus/offers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject: { identity_provider: 'demo', sub: 'alice' }, claims, ...request }),
  })
  return ((await answer.json()) as { offer_page_url: string }).offer_page_url
}

const useAnotherAccount = (page: Page) => page.click('#problem .button:not(#back-to-wallet)')

withChromium(
  'bob with alice’s offer in his wallet reads that it is for another account; with alice’s sign-in it is claimed',
  async (t) => {
    const { page, complaints } = await newPage(browser, { size: 'phone' })
    await page.goto(await offerForAlice({ grants: ['authorization_code'] }))
    const wallet = await openDemoWallet(page)
    await wallet.click('#accept-sign-in')
    await signInAs(wallet, 'bob')
    const { error, help, text } = await problemOn(wallet)
    t.deepEqual({ error, help }, { error: 'access_denied', help: 'wrong-person' })
    t.notRegex(text, /alice|bob|jönsson/i)
    t.deepEqual(await violations(wallet), [])
    await picture(wallet, 'personal-offer-another-account')
    t.true(await page.isVisible('#open-wallet'), 'the page of the offer waits for alice')
    await useAnotherAccount(wallet)
    await signInAs(wallet, 'alice')
    await wallet.click('#approve')
    t.like((await heldIn(wallet)).claims, { given_name: 'Alice', student_number: 'S-2001' })
    await waitForTitle(page, 'Student card is in your wallet')
    t.deepEqual(
      complaints.filter((text) => !text.includes('403')),
      [],
    )
    await page.context().close()
  },
)

for (const [locale, title] of [
  ['en-GB', 'Sign in to see your offer'],
  ['de-DE', 'Melden Sie sich an, um Ihr Angebot zu sehen'],
] as const)
  withChromium(
    `without JavaScript, in ${locale}: the page asks who is there, bob is shown nothing, alice link and PIN, which buy the credential`,
    async (t) => {
      const settings = { size: 'phone', locale, javaScriptEnabled: false } as const
      const { page, complaints } = await newPage(browser, settings)
      const address = await offerForAlice({ grants: ['pre_authorized_code'], tx_code: true })
      await page.goto(address)
      t.is(await page.textContent('h1'), title)
      t.is(await page.locator('#open-wallet, #open-demo-wallet, #qr, #pin').count(), 0)
      await picture(page, `personal-offer-sign-in-${locale}`)
      await page.click('#sign-in-to-offer')
      await signInAs(page, 'bob')
      t.is((await problemOn(page)).help, 'wrong-person')
      await picture(page, `personal-offer-stranger-${locale}`)
      await useAnotherAccount(page)
      t.is(page.url(), address)
      await page.click('#sign-in-to-offer')
      await signInAs(page, 'alice')
      t.is(page.url(), address)
      const pin = (await page.textContent('#pin')) ?? ''
      t.regex(pin, /^\d{6}$/)
      await picture(page, `personal-offer-shown-${locale}`)
      await page.click('#open-demo-wallet')
      await page.fill('#tx-code', pin)
      await page.click('#accept')
      t.like((await heldIn(page)).claims, { given_name: 'Alice', student_number: 'S-7777' })
      t.deepEqual(
        complaints.filter((text) => !text.includes('403')),
        [],
      )
      await page.context().close()
    },
  )

withChromium(
  'WCAG 2.2 AA: axe finds nothing on the page that asks for a sign-in, nor on the one with the PIN',
  async (t) => {
    for (const size of ['phone', 'desktop'] as const) {
      const { page } = await newPage(browser, { size })
      await page.goto(await offerForAlice({ grants: ['pre_authorized_code'], tx_code: true }))
      t.deepEqual(await violations(page), [])
      await picture(page, `personal-offer-sign-in-${size}`)
      await page.click('#sign-in-to-offer')
      await signInAs(page, 'alice')
      t.deepEqual(await violations(page), [])
      await picture(page, `personal-offer-shown-${size}`)
      await page.context().close()
    }
  },
)

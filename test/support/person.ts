import type { Page } from 'playwright-core'

// What a person does in a browser with the demo, by the ids that the pages promise.

/** From the start page to the offer page of an issuer. */
export async function openOffer(page: Page, demoUrl: string, issuer: 'staff' | 'registry' | 'campus'): Promise<void> {
  await page.goto(demoUrl)
  await page.click(`#offer-${issuer}`)
  await page.waitForSelector('#open-wallet')
}

/** Takes the offer on this page with the demo wallet, in a tab of its own, so that the offer page stays open. */
export async function openDemoWallet(offer: Page): Promise<Page> {
  const address = await offer.getAttribute('#open-demo-wallet', 'href')
  const wallet = await offer.context().newPage()
  await wallet.goto(address ?? '')
  return wallet
}

/** Fills in the sign-in page of the demo provider. */
export async function signInAs(page: Page, name: string, password = name): Promise<void> {
  await page.fill('#username', name)
  await page.fill('#password', password)
  await page.click('#sign-in')
}

/** What the demo wallet shows of the credential that it received: claims and checks, each by its name. */
export async function heldIn(page: Page): Promise<{ claims: Record<string, string>; checks: Record<string, string> }> {
  await page.waitForSelector('[data-held]')
  const claims: Record<string, string> = {}
  for (const fact of await page.locator('[data-claim]').all()) {
    const value = await fact.locator('dd').evaluate((element) => element.firstChild?.textContent ?? '')
    claims[(await fact.getAttribute('data-claim')) ?? ''] = value
  }
  const checks: Record<string, string> = {}
  for (const fact of await page.locator('[data-check]').all()) {
    checks[(await fact.getAttribute('data-check')) ?? ''] = (await fact.getAttribute('data-passed')) ?? ''
  }
  return { claims, checks }
}

/** The state of an offer page as its title says it; follows `live.js`, without a reload. */
export const waitForTitle = (page: Page, title: string): Promise<unknown> =>
  page.waitForSelector(`h1:text-is("${title}")`, { timeout: 10_000 })

/** A problem page: its code, its sentence's key, and what it says. */
export async function problemOn(page: Page): Promise<{ error: string | null; help: string | null; text: string }> {
  const problem = page.locator('#problem')
  const [error, help] = [await problem.getAttribute('data-error'), await problem.getAttribute('data-help')]
  return { error, help, text: await problem.innerText() }
}

/** Goes the browser's way to a wallet whose redirect URI is no page of anybody: answers the URL that the wallet is called with. */
export async function calledBack(page: Page, redirectUri: string, go: () => Promise<unknown>): Promise<string> {
  const [request] = await Promise.all([page.waitForRequest((called) => called.url().startsWith(redirectUri)), go()])
  return request.url()
}

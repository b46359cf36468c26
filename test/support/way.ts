import { elementOf, type Page, plainBrowser } from './plain-browser.ts'

/** A browser that stops where a wallet is called, and can be stopped at the provider's answer. */
export function personAt(redirectUri: string, fetch: typeof globalThis.fetch = globalThis.fetch) {
  const browser = plainBrowser(fetch)
  const go = (url: string | URL, init?: RequestInit, stopAt = redirectUri) => browser.go(url, init, stopAt)
  const press = (page: Page, id: string, fields?: Record<string, string>, stopAt = redirectUri) =>
    browser.press(page, id, fields, stopAt)
  /** To the provider's page and through it; answers where the provider sends the browser, not yet followed. */
  async function signIn(url: string | URL, username: string, callback: string): Promise<string> {
    const page = await go(url)
    const button = elementOf(page, 'kc-login') ? 'kc-login' : 'sign-in'
    const end = await press(page, button, { username, password: username }, callback)
    if (end.status !== 0) throw new Error(`The sign-in of ${username} ended on a page (status ${end.status}).`)
    return end.url
  }
  /** To the consent page. */
  async function consent(url: string | URL, username: string): Promise<Page> {
    const page = await press(await go(url), 'sign-in', { username, password: username })
    if (!elementOf(page, 'approve')) throw new Error(`No consent page (status ${page.status}): ${helpOf(page)}`)
    return page
  }
  return { browser, go, press, signIn, consent }
}

/** The key of the text on a problem page. */
export const helpOf = (page: Pick<Page, 'text'>): string | undefined =>
  elementOf(page as Page, 'problem')?.['data-help']

/** What the page's way back tells the wallet. */
export function wayBackOf(page: Page): Record<string, string> {
  const { href = '' } = elementOf(page, 'back-to-wallet') ?? {}
  return href ? Object.fromEntries(new URL(href).searchParams) : {}
}

/** The answer in the wallet's redirect URI. */
export const answerIn = (url: string): Record<string, string> => Object.fromEntries(new URL(url).searchParams)

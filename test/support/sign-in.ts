import type { Form } from '../../src/wallet/exchange.ts'
import { elementOf, type Page, type plainBrowser } from './plain-browser.ts'

/** How a browser's way ended: `url` is the wallet's redirect URI with its answer, or the `page` is one that ends here. */
export type SignedIn = {
  url: string
  page: Page
  code: string
  state: string | null
  iss: string | null
  error: string | null
}

export type SignIn = {
  username?: string
  password?: string
  /** The provider to choose on the chooser page. */
  provider?: string
  /** The button pressed on the provider's page, and the one on the consent page. */
  signIn?: 'sign-in' | 'cancel' | 'kc-login'
  decision?: 'approve' | 'deny' | 'not-you'
  push?: boolean
  browser?: ReturnType<typeof plainBrowser>
  /** Members of the authorization request. */
  members?: Form
}

/** Goes the way of a person through the pages that come, whichever come, to the wallet's redirect URI or a page that ends it. */
export async function walk(
  browser: ReturnType<typeof plainBrowser>,
  url: URL,
  redirectUri: string,
  { username = 'alice', password = username, provider, ...how }: SignIn,
): Promise<SignedIn> {
  let page = await browser.go(url, {}, redirectUri)
  const press = async (id: string, fields?: Record<string, string>) => {
    if (elementOf(page, id)) page = await browser.press(page, id, fields, redirectUri)
  }
  if (provider) await press(`idp-${provider}`)
  await press(how.signIn ?? 'sign-in', { username, password })
  await press(how.decision ?? 'approve')
  await press('continue-to-wallet')
  const { searchParams } = new URL(page.url)
  const code = page.url.startsWith(redirectUri) ? (searchParams.get('code') ?? '') : ''
  const answer = { state: searchParams.get('state'), iss: searchParams.get('iss'), error: searchParams.get('error') }
  return { url: page.url, page, code, ...answer }
}

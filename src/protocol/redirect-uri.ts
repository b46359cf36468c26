import { isLoopback } from '../lib/addresses.ts'

// What a browser or phone runs, reads or hands on by itself instead of opening an app (RFC 8252 §8.12, RFC 9700 §4.1).
const refused = new Set(['javascript', 'data', 'vbscript', 'file', 'blob', 'about', 'intent'])

/**
 * What is wrong with a redirect URI, or undefined. Absolute, without a fragment (RFC 6749 §3.1.2); https, a scheme of the app's own,
 * or http to this very machine (RFC 8252 §7).
 */
export function redirectUriMistake(text: string): string | undefined {
  if (!URL.canParse(text)) return 'A redirect URI is an absolute URI, such as https://wallet.example/callback.'
  const { protocol, hostname } = new URL(text)
  const scheme = protocol.slice(0, -1)
  if (text.includes('#')) return 'A redirect URI has no fragment.'
  if (/[\s\\]|[^\x21-\x7e]/.test(text))
    return 'A redirect URI has neither blanks nor other letters than those of ASCII.'
  if (refused.has(scheme)) return `The scheme ${scheme} is refused for redirect URIs.`
  if (scheme === 'http' && !isLoopback(hostname))
    return 'A redirect URI with http leads to this very machine only (127.0.0.1, [::1] or localhost).'
  return undefined
}

/** Whether an offer's link may begin so: a custom scheme (`openid-credential-offer://`, OpenID4VCI §4.1) or an https address that an app has claimed. */
export function isOfferScheme(text: string): boolean {
  if (/[\s\\#]|[^\x21-\x7e]/.test(text)) return false
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined || refused.has(scheme) || scheme === 'http') return false
  return scheme !== 'https' || URL.canParse(text)
}

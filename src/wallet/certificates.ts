import { type KeyObject, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { WalletError } from './errors.ts'

const refused = (message: string) => new WalletError('invalid_credential', message)

/** A certificate of an `x5c` header: base64, not base64url, of DER (RFC 7515 §4.1.6). */
function parse(entry: unknown): X509Certificate {
  try {
    if (typeof entry !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(entry)) throw new Error('not base64')
    return new X509Certificate(Buffer.from(entry, 'base64'))
  } catch (cause) {
    throw refused(`An entry of x5c is no certificate (${cause instanceof Error ? cause.message : 'unreadable'}).`)
  }
}

/**
 * Follows an `x5c` chain from its leaf to one of the roots (RFC 5280 §6.1, as far as a wallet needs it): each certificate
 * is signed by the next, all are valid at `now`, and only authorities sign.
 * Answers the leaf and the root; throws `invalid_credential`.
 */
export function verifyChain(
  x5c: unknown,
  roots: string[],
  now: Date,
): { leaf: X509Certificate; root: X509Certificate } {
  const chain = Array.isArray(x5c) ? x5c.map(parse) : []
  const [leaf] = chain
  const last = chain.at(-1)
  if (!leaf || !last) throw refused('The x5c header is empty.')
  const root = roots.map((pem) => new X509Certificate(pem)).find((candidate) => signed(last, candidate.publicKey))
  if (!root) throw refused('The certificates do not lead to the root of the issuer.')
  if (last.issuer !== root.subject) throw refused('The last certificate names another issuer than the root.')

  const whole = [...chain, root]
  for (const [position, certificate] of whole.entries()) {
    if (certificate.validFromDate > now) throw refused(`Certificate ${position + 1} of the chain is not valid yet.`)
    if (certificate.validToDate <= now) throw refused(`Certificate ${position + 1} of the chain has expired.`)
    const authority = whole[position + 1]
    if (!authority) continue
    if (!authority.ca) throw refused(`Certificate ${position + 2} of the chain may not sign others.`)
    if (!certificate.checkIssued(authority) || !signed(certificate, authority.publicKey)) {
      throw refused(`Certificate ${position + 1} of the chain is not signed by the next.`)
    }
  }
  return { leaf, root }
}

function signed(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key)
  } catch {
    return false
  }
}

/** Whether the certificate speaks for the host of this URL: by a DNS, IP or URI name (draft-ietf-oauth-sd-jwt-vc §2.5). */
export function namesHost(certificate: X509Certificate, url: string): boolean {
  const hostname = new URL(url).hostname.replace(/^\[|\]$/g, '')
  const isNamed =
    isIP(hostname) > 0 ? certificate.checkIP(hostname) : certificate.checkHost(hostname, { subject: 'never' })
  if (isNamed !== undefined) return true
  const uris = (certificate.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('URI:'))
  return uris.some((name) => URL.canParse(name.slice(4)) && new URL(name.slice(4)).hostname === hostname)
}

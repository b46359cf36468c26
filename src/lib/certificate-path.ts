import { type KeyObject, X509Certificate } from 'node:crypto'
import { InvalidJws, type Jwk } from './jwk.ts'

/** A certificate of an `x5c` header: base64, not base64url, of DER (RFC 7515 §4.1.6). */
function parse(entry: unknown): X509Certificate {
  try {
    if (typeof entry !== 'string' || !/^[A-Za-z0-9+/]+={0,2}$/.test(entry)) throw new Error('not base64')
    return new X509Certificate(Buffer.from(entry, 'base64'))
  } catch {
    throw new InvalidJws('An entry of x5c is no certificate.')
  }
}

/** Every certificate of a PEM text. Throws a `TypeError` or an OpenSSL error if one cannot be read. */
export const certificatesOf = (pem: string): X509Certificate[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => new X509Certificate(one))

const most = 10

/**
 * Follows an `x5c` chain from its leaf to one of the anchors (RFC 5280 §6.1, without policies and name constraints): each
 * certificate is signed by the next, all are valid at `now`, and only authorities sign. An anchor is no part of the chain,
 * so that a self-signed leaf leads nowhere (HAIP §4.5.1).
 * Answers the leaf and the anchor; throws `InvalidJws`.
 */
export function verifyChain(
  x5c: unknown,
  anchors: readonly X509Certificate[],
  now: Date,
): { leaf: X509Certificate; root: X509Certificate } {
  const chain = Array.isArray(x5c) && x5c.length <= most ? x5c.map(parse) : []
  const [leaf] = chain
  const last = chain.at(-1)
  if (!leaf || !last) throw new InvalidJws('The x5c header is empty or too long.')
  if (chain.some((certificate) => anchors.some((anchor) => anchor.fingerprint256 === certificate.fingerprint256)))
    throw new InvalidJws('The trust anchor is no part of x5c.')
  const root = anchors.find((candidate) => signed(last, candidate.publicKey))
  if (!root) throw new InvalidJws('The certificates do not lead to the root, or to none that is trusted.')
  if (last.issuer !== root.subject) throw new InvalidJws('The last certificate names another issuer than the root.')

  const whole = [...chain, root]
  for (const [position, certificate] of whole.entries()) {
    const name = `Certificate ${position + 1} of the chain`
    if (certificate.validFromDate > now) throw new InvalidJws(`${name} is not valid yet.`)
    if (certificate.validToDate <= now) throw new InvalidJws(`${name} has expired.`)
    const authority = whole[position + 1]
    if (!authority) continue
    if (!authority.ca) throw new InvalidJws(`Certificate ${position + 2} of the chain may not sign others.`)
    if (!certificate.checkIssued(authority) || !signed(certificate, authority.publicKey)) {
      throw new InvalidJws(`${name} is not signed by the next.`)
    }
  }
  return { leaf, root }
}

/**
 * The leaf of an `x5c` chain whose end nobody has to trust: each certificate is signed by the next, and the leaf is valid at `now`. It
 * shows whose key this is according to somebody, and no more. Throws `InvalidJws`.
 */
export function leafOf(x5c: unknown, now: Date): X509Certificate {
  const chain = Array.isArray(x5c) && x5c.length <= most ? x5c.map(parse) : []
  const [leaf] = chain
  if (!leaf) throw new InvalidJws('The x5c header is empty or too long.')
  for (const [position, certificate] of chain.entries()) {
    const next = chain[position + 1]
    if (next && !(certificate.checkIssued(next) && signed(certificate, next.publicKey)))
      throw new InvalidJws(`Certificate ${position + 1} of the chain is not signed by the next.`)
  }
  if (leaf.validFromDate > now || leaf.validToDate <= now) throw new InvalidJws('The certificate is not valid now.')
  return leaf
}

/** The key that a certificate is for. Throws `InvalidJws` for a kind that JOSE has no keys of. */
export function keyOfCertificate({ publicKey }: X509Certificate): Jwk {
  try {
    return publicKey.export({ format: 'jwk' }) as Jwk
  } catch {
    throw new InvalidJws('The key of the certificate is of a kind that is not supported.')
  }
}

function signed(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.verify(key)
  } catch {
    return false
  }
}

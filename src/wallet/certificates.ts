import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { verifyChain as follow } from '../lib/certificate-path.ts'
import { InvalidJws } from '../lib/jwk.ts'
import { WalletError } from './errors.ts'

/** Follows an `x5c` chain from its leaf to one of the roots (PEM). Answers both; throws `invalid_credential`. */
export function verifyChain(
  x5c: unknown,
  roots: string[],
  now: Date,
): { leaf: X509Certificate; root: X509Certificate } {
  const anchors = roots.map((pem) => new X509Certificate(pem))
  try {
    return follow(x5c, anchors, now)
  } catch (cause) {
    throw cause instanceof InvalidJws ? new WalletError('invalid_credential', cause.message) : cause
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

import { createHash } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader, importX509, jwtVerify } from 'jose'
import { entraClient } from './entra-people.ts'
import type { Recorded } from './entra-recorded.ts'

/** Why Microsoft would refuse the application at the token endpoint: by its secret, or by an assertion with its certificate (PEM). */
export async function clientRefusal(
  form: URLSearchParams,
  { origin, pathname }: URL,
  certificate: string | undefined,
): Promise<Recorded | undefined> {
  if (form.get('client_id') !== entraClient.client_id) return 'AADSTS700016'
  const assertion = form.get('client_assertion')
  if (assertion === null) return form.get('client_secret') === entraClient.client_secret ? undefined : 'AADSTS7000215'
  if (!certificate) return 'AADSTS700027'
  // "Certificate credentials", 4 Jan 2025: PS256, x5t#S256 over the DER, iss = sub = client id, aud = token endpoint, ten minutes at most.
  const der = Buffer.from(certificate.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
  const { alg, 'x5t#S256': thumbprint } = decodeProtectedHeader(assertion)
  if (alg !== 'PS256' || thumbprint !== createHash('sha256').update(der).digest('base64url')) return 'AADSTS700027'
  const { iss, sub, exp = 0, iat = 0 } = decodeJwt(assertion)
  if (iss !== entraClient.client_id || sub !== iss || exp - iat > 600) return 'AADSTS50013'
  const key = await importX509(certificate, 'PS256')
  return jwtVerify(assertion, key, { audience: origin + pathname }).then(
    () => undefined,
    () => 'AADSTS50013' as const,
  )
}

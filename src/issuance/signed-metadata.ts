import { signJws } from '../lib/sign-jws.ts'
import { seconds } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'

/** So long a signed document holds. */
const validSeconds = 86_400

/**
 * Signed Credential Issuer Metadata, OpenID4VCI §12.2.3: a JWS over all members, with the chain to the tenant's root but without it
 * (HAIP §4.1).
 */
export async function signMetadata(
  { clock, keyRing }: Pick<Services, 'clock' | 'keyRing'>,
  issuer: LiveIssuer,
  metadata: Record<string, unknown>,
): Promise<string> {
  const keys = await keyRing.of(issuer.tenant)
  const signer = keys.signerFor({ name: 'default', algorithm: 'ES256', format: 'metadata' })
  const iat = seconds(clock())
  return signJws(signer, 'openidvci-issuer-metadata+jwt', {
    ...metadata,
    iss: issuer.identifier,
    sub: issuer.identifier,
    iat,
    exp: iat + validSeconds,
  })
}

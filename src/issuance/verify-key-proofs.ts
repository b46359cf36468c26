import type { HolderKey } from '../formats/format.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { readProofs, verifyJwtProof } from '../protocol/key-proof.ts'
import type { Services } from '../services.ts'
import { nonceChecker } from './issue-nonce.ts'

export const proofAlgorithms = ['ES256', 'ES384', 'EdDSA']

/** A proof may be as old as its nonce, and its wallet's clock a minute ahead (VCI-105). */
const [maxAgeSeconds, skewSeconds] = [300, 60]

export type ProvenKeys = { holderKeys: HolderKey[]; nonces: string[] }

/** The keys of a credential request, each shown to be held: OpenID4VCI §8.2 and Appendix F.1, F.4. */
export async function verifyKeyProofs(
  services: Pick<Services, 'clock' | 'random' | 'vault'>,
  issuer: LiveIssuer,
  _configuration: LiveConfiguration,
  clientId: string | undefined,
  proofs: unknown,
): Promise<ProvenKeys> {
  const jwts = readProofs(proofs, issuer.settings.batch_size)
  const checkNonce = await nonceChecker(services, issuer, 'c_nonce')
  const now = services.clock()
  const proven = jwts.map((jwt) =>
    verifyJwtProof(jwt, {
      audience: issuer.identifier,
      algorithms: proofAlgorithms,
      now,
      clientId,
      checkNonce,
      maxAgeSeconds,
      skewSeconds,
    }),
  )
  if (new Set(proven.map(({ thumbprint }) => thumbprint)).size < proven.length) {
    throw new ProtocolError('invalid_proof', 'Two proofs are of the same key.')
  }
  return {
    holderKeys: proven.map(({ jwk, thumbprint }) => ({ jwk, thumbprint })),
    nonces: [...new Set(proven.map(({ nonce }) => nonce))],
  }
}

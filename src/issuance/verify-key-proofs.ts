import type { HolderKey } from '../formats/format.ts'
import { formats } from '../formats/index.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { type AttestedKeys, type RequiredLevels, verifyKeyAttestation } from '../protocol/key-attestation.ts'
import { readProofs, verifyJwtProof } from '../protocol/key-proof.ts'
import type { Services } from '../services.ts'
import { checkAttestationStatus } from './attestation-status.ts'
import { attestersOf } from './attesters.ts'
import { nonceChecker } from './issue-nonce.ts'
import { registrationOf } from './wallets.ts'

export const proofAlgorithms = ['ES256', 'ES384', 'EdDSA']

/** A proof may be as old as its nonce, and its wallet's clock a minute ahead (VCI-105). */
const [maxAgeSeconds, skewSeconds] = [300, 60]
const terms = { algorithms: proofAlgorithms, skewSeconds }

/** The keys that copies are bound to, one for each; `undefined` is a copy that is bound to none. */
export type ProvenKeys = { holderKeys: (HolderKey | undefined)[]; nonces: string[] }

/** Keys that were shown, by signature or by attestation; the nonces and the attestations' status are still to be looked at. */
type Shown = { keys: HolderKey[]; nonces: string[]; attestations: AttestedKeys[] }

type Asked = { issuer: LiveIssuer; configuration: LiveConfiguration; clientId: string | undefined; now: Date }

const refused = (message: string) => new ProtocolError('invalid_proof', message)

/**
 * The keys of a credential request, each shown to be held or attested: OpenID4VCI §8.2, Appendices D and F. More than the `batch_size`
 * of the issuer are refused. A configuration without key binding asks for no proofs, and does not look at those that come nevertheless.
 * @throws ProtocolError `invalid_proof`; `invalid_nonce` if all is well but a `c_nonce` (§8.3.1.2)
 */
export async function verifyKeyProofs(
  services: Pick<Services, 'clock' | 'random' | 'vault' | 'fetch' | 'log'>,
  issuer: LiveIssuer,
  configuration: LiveConfiguration,
  clientId: string | undefined,
  proofs: unknown,
): Promise<ProvenKeys> {
  if (!configuration.key_binding) return { holderKeys: [undefined], nonces: [] }
  const asked = { issuer, configuration, clientId, now: services.clock() }
  const types = (['jwt', 'attestation'] as const).filter((type) => configuration.proof_types[type])
  const { type, jwts } = readProofs(proofs, { types, batchSize: issuer.settings.batch_size })
  const { keys, nonces, attestations } = type === 'jwt' ? keysByProof(asked, jwts) : keysByAttestation(asked, jwts[0])
  if (keys.length > issuer.settings.batch_size) throw refused('The proofs show more keys than the batch_size allows.')

  const checkNonce = await nonceChecker(services, issuer, 'c_nonce')
  if (nonces.some((nonce) => checkNonce(nonce) !== 'ok'))
    throw new ProtocolError('invalid_nonce', 'The nonce of a proof is unknown or expired; fetch a new c_nonce.')
  for (const attestation of attestations)
    await checkAttestationStatus(services, issuer.tenant, attestation, { ...terms, refusal: 'invalid_proof' })
  return { holderKeys: keys, nonces: [...new Set(nonces)] }
}

/**
 * Appendix F.1: a signature by each key. Where a key attestation is required, every proof carries one that has its key, and all keys of
 * the attestations count; one that nobody asked for is not looked at.
 */
function keysByProof(asked: Asked, jwts: readonly string[]): Shown {
  const { issuer, configuration, clientId, now } = asked
  const required = configuration.proof_types.jwt?.key_attestations_required
  const proven = jwts.map((jwt) =>
    verifyJwtProof(jwt, {
      audience: issuer.identifier,
      algorithms: proofAlgorithms,
      now,
      clientId,
      maxAgeSeconds,
      skewSeconds,
      didMethods: formats.get(configuration.format)?.bindingMethods ?? [],
      clientKeys: clientId === undefined ? [] : (registrationOf(issuer, clientId)?.jwks?.keys ?? []),
    }),
  )
  const keys = new Map<string, HolderKey>()
  for (const { jwk, thumbprint, did } of proven) {
    if (keys.has(thumbprint)) throw refused('Two proofs are of the same key.')
    keys.set(thumbprint, { jwk, thumbprint, ...(did !== undefined && { did }) })
  }
  const nonces = proven.map(({ nonce }) => nonce)
  if (!required) return { keys: [...keys.values()], nonces, attestations: [] }

  // The wallet sends one attestation for a batch (HAIP §4.5.1), perhaps with every proof.
  const attestations = new Map<string, AttestedKeys>()
  for (const { thumbprint, keyAttestation: jwt } of proven) {
    if (typeof jwt !== 'string') throw refused('A proof needs a key attestation in its header.')
    const attested = attestations.get(jwt) ?? verifyAttestation(asked, jwt, required, true)
    attestations.set(jwt, attested)
    if (!attested.keys.some((key) => key.thumbprint === thumbprint))
      throw refused('The key of a proof is not among those that its key attestation has.')
    for (const key of attested.keys) if (!keys.has(key.thumbprint)) keys.set(key.thumbprint, key)
  }
  const all = [...attestations.values()]
  return { keys: [...keys.values()], nonces: [...nonces, ...all.map(({ nonce }) => nonce)], attestations: all }
}

/** Appendix F.3: somebody who is trusted says that the wallet has the keys; the wallet signs nothing. */
function keysByAttestation(asked: Asked, jwt: string | undefined): Shown {
  const required = asked.configuration.proof_types.attestation?.key_attestations_required ?? {}
  const attested = verifyAttestation(asked, jwt ?? '', required, false)
  return { keys: [...attested.keys], nonces: [attested.nonce], attestations: [attested] }
}

function verifyAttestation({ issuer, now }: Asked, jwt: string, required: RequiredLevels, needsExpiry: boolean) {
  const mostKeys = issuer.settings.batch_size
  return verifyKeyAttestation(jwt, {
    ...terms,
    attesters: attestersOf(issuer, 'key'),
    now,
    required,
    needsExpiry,
    mostKeys,
  })
}

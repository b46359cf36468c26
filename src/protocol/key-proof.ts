import { z } from 'zod'
import { InvalidJws, type Jwk, publicMembers, thumbprint } from '../lib/jwk.ts'
import { decodeJws, type Jws, verifyJws } from '../lib/jws.ts'
import { ProtocolError } from './errors.ts'
import { type KeyNames, keyOfHeader } from './proof-key.ts'
import { faultInTimes, type Window } from './proof-times.ts'

/** The `proofs` of a credential request, OpenID4VCI §8.2: one proof type. Of key attestations there is exactly one (Appendix F.3). */
export const Proofs = z.union([
  z.strictObject({ jwt: z.array(z.string()).min(1) }),
  z.strictObject({ attestation: z.array(z.string()).length(1) }),
])
export type Proofs = z.infer<typeof Proofs>
export type ProofType = 'jwt' | 'attestation'

/** A key that its holder has shown to have; `nonce` is what the proof was made for, and whether that is a `c_nonce` is for the caller. */
export type ProvenKey = {
  jwk: Jwk
  thumbprint: string
  /** Where the `kid` is a DID URL: the DID. */
  did?: string
  nonce: string
  /** `key_attestation` of the header, unread. */
  keyAttestation: unknown
}

type Expected = Window &
  KeyNames & {
    /** The credential issuer's identifier. */
    audience: string
    algorithms: readonly string[]
    /** The client of the access token; undefined after an anonymous pre-authorized token request. */
    clientId?: string | undefined
  }

/** With a key attestation of many keys in its header. */
const mostLetters = 128 * 1024

const refused = (message: string, help?: string) => new ProtocolError('invalid_proof', message, help ? { help } : {})

/**
 * The proofs and their type. Throws `invalid_proof` where they are missing, of a type that the configuration does not take, of two
 * types, empty, or more than `batchSize` (OpenID4VCI §8.2, §8.3.1.2).
 */
export function readProofs(
  proofs: unknown,
  { types, batchSize }: { types: readonly ProofType[]; batchSize: number },
): { type: ProofType; jwts: string[] } {
  const { success, data } = Proofs.safeParse(proofs)
  const [type, jwts] = success
    ? 'jwt' in data
      ? (['jwt', data.jwt] as const)
      : (['attestation', data.attestation] as const)
    : []
  if (type === undefined || !types.includes(type))
    throw refused(`The request needs proofs with one member, ${types.join(' or ')}, that is an array of strings.`)
  if (jwts.length > batchSize) throw refused('The request has more proofs than the batch_size allows.')
  return { type, jwts }
}

function told<T>(what: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw cause instanceof InvalidJws ? refused(`${what} ${cause.message}`) : cause
  }
}

const isAudience = (aud: unknown, audience: string): boolean =>
  // An array of one is what some JWT libraries write for a string.
  Array.isArray(aud) ? aud.length === 1 && aud[0] === audience : aud === audience

/**
 * A key proof of type `jwt`, OpenID4VCI Appendix F.1 and F.4. The key comes back reduced to its public members.
 * Throws `invalid_proof` for everything that is wrong with it. The nonce only has to be there: it is looked at when all proofs hold,
 * because then a wallet only has to fetch a new one (§8.3.1.2).
 */
export function verifyJwtProof(jwt: string, expected: Expected): ProvenKey {
  const proof: Jws = told('A proof cannot be read.', () => decodeJws(jwt, mostLetters))
  const { header, payload } = proof
  if (header.typ !== 'openid4vci-proof+jwt') throw refused('The typ of a proof is not openid4vci-proof+jwt.')
  const { jwk, did } = told('The key of a proof cannot be found.', () => keyOfHeader(header, expected))
  told('A proof is not valid.', () => verifyJws(proof, jwk, expected.algorithms))

  if (!isAudience(payload.aud, expected.audience)) throw refused('The aud of a proof is not this credential issuer.')
  if (payload.iss !== undefined && payload.iss !== expected.clientId) {
    throw refused('The iss of a proof is not the client_id of the access token, or that was got without a client_id.')
  }
  const fault = faultInTimes(payload, expected)
  if (fault === 'malformed') throw refused('The iat of a proof is missing or no number.')
  if (fault === 'clock') throw refused('A proof was not made just now: its iat is too old or in the future.', 'clock')

  const { nonce } = payload
  if (typeof nonce !== 'string' || nonce === '') throw refused('A proof has no nonce.')
  return {
    jwk: publicMembers(jwk),
    thumbprint: thumbprint(jwk),
    ...(did !== undefined && { did }),
    nonce,
    keyAttestation: header.key_attestation,
  }
}

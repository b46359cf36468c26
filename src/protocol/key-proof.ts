import { z } from 'zod'
import { InvalidJws, type Jwk, publicMembers, thumbprint } from '../lib/jwk.ts'
import { decodeJws, type Jws, verifyJws } from '../lib/jws.ts'
import { ProtocolError } from './errors.ts'
import { faultInTimes, type Window } from './proof-times.ts'

/**
 * The `proofs` of a credential request, OpenID4VCI §8.2: one proof type, of which `jwt` is known. A mismatch is
 * `invalid_proof`.
 */
export const Proofs = z.strictObject({ jwt: z.array(z.string()).min(1) })
export type Proofs = z.infer<typeof Proofs>

/** A key that its holder has shown to have; `nonce` is the `c_nonce` that the proof was made for. */
export type ProvenKey = { jwk: Jwk; thumbprint: string; nonce: string }

type Expected = Window & {
  /** The credential issuer's identifier. */
  audience: string
  algorithms: readonly string[]
  /** The client of the access token; undefined after an anonymous pre-authorized token request. */
  clientId?: string | undefined
  checkNonce: (nonce: string) => 'ok' | 'expired' | 'invalid'
}

const refused = (message: string, help?: string) => new ProtocolError('invalid_proof', message, help ? { help } : {})

/**
 * The proofs as a list. Throws `invalid_proof` where they are missing, of another type, of two types, empty, or more
 * than `batchSize` (OpenID4VCI §8.2, §8.3.1.2).
 */
export function readProofs(proofs: unknown, batchSize: number): string[] {
  const { success, data } = Proofs.safeParse(proofs)
  if (!success) throw refused('The request needs proofs with one member, jwt, that is an array of strings.')
  if (data.jwt.length > batchSize) throw refused('The request has more proofs than the batch_size allows.')
  return data.jwt
}

function decode(jwt: string): Jws {
  try {
    return decodeJws(jwt)
  } catch (cause) {
    throw cause instanceof InvalidJws ? refused(`A proof cannot be read. ${cause.message}`) : cause
  }
}

function verifySignature(proof: Jws, jwk: Jwk, algorithms: readonly string[]): void {
  try {
    verifyJws(proof, jwk, algorithms)
  } catch (cause) {
    throw cause instanceof InvalidJws ? refused(`A proof is not valid. ${cause.message}`) : cause
  }
}

/** The key in the header: exactly one of `kid`, `jwk` and `x5c`, of which `jwk` is served (Appendix F.1). */
function keyIn(header: Jws['header']): Jwk {
  const { jwk } = header
  const named = ['kid', 'jwk', 'x5c', 'trust_chain'].filter((member) => Object.hasOwn(header, member))
  if (named.length !== 1) throw refused('The header of a proof needs exactly one of kid, jwk and x5c.')
  if (named[0] !== 'jwk') throw refused('Only proofs with the key in jwk are served here.')
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) {
    throw refused('The jwk of a proof is not an object.')
  }
  return jwk as Jwk
}

const isAudience = (aud: unknown, audience: string): boolean =>
  // An array of one is what some JWT libraries write for a string.
  Array.isArray(aud) ? aud.length === 1 && aud[0] === audience : aud === audience

/**
 * A key proof of type `jwt`, OpenID4VCI Appendix F.1 and F.4. The key comes back reduced to its public members.
 * Throws `invalid_proof` for everything that is wrong with it, and, last of all, `invalid_nonce` for a `c_nonce` that
 * was not given out here or has expired: then a wallet only has to fetch a new one (§8.3.1.2).
 */
export function verifyJwtProof(jwt: string, expected: Expected): ProvenKey {
  const proof = decode(jwt)
  const { header, payload } = proof
  if (header.typ !== 'openid4vci-proof+jwt') throw refused('The typ of a proof is not openid4vci-proof+jwt.')
  const key = keyIn(header)
  verifySignature(proof, key, expected.algorithms)

  if (!isAudience(payload.aud, expected.audience)) throw refused('The aud of a proof is not this credential issuer.')
  if (payload.iss !== undefined && payload.iss !== expected.clientId) {
    throw refused('The iss of a proof is not the client_id of the access token, or that was got without a client_id.')
  }
  const fault = faultInTimes(payload, expected)
  if (fault === 'malformed') throw refused('The iat of a proof is missing or no number.')
  if (fault === 'clock') throw refused('A proof was not made just now: its iat is too old or in the future.', 'clock')

  const { nonce } = payload
  if (typeof nonce !== 'string' || nonce === '') throw refused('A proof has no nonce.')
  if (expected.checkNonce(nonce) !== 'ok') {
    throw new ProtocolError('invalid_nonce', 'The nonce of a proof is unknown or expired; fetch a new c_nonce.')
  }
  return { jwk: publicMembers(key), thumbprint: thumbprint(key), nonce }
}

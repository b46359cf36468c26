import { isObject } from '../lib/json.ts'
import { InvalidJws, type Jwk, publicMembers, thumbprint } from '../lib/jwk.ts'
import { decodeJws, type Jws } from '../lib/jws.ts'
import { seconds } from '../lib/time.ts'
import { ProtocolError } from './errors.ts'
import { type StatusReference, statusOf } from './status-list-token.ts'
import { signerOf, type TrustedAttester } from './trusted-attester.ts'

/** `key_attestations_required`, OpenID4VCI §12.2.4: of each list that is there, one value has to be attested. */
export type RequiredLevels = {
  key_storage?: readonly string[] | undefined
  user_authentication?: readonly string[] | undefined
}

export type AttestedKeys = {
  /** Whose anchors vouch for it, and for its status. */
  attester: TrustedAttester
  keys: readonly { jwk: Jwk; thumbprint: string }[]
  /** The `c_nonce` it was made for; whether that is one is for the caller. */
  nonce: string
  status: StatusReference | undefined
}

type Expected = {
  attesters: readonly TrustedAttester[]
  algorithms: readonly string[]
  now: Date
  skewSeconds: number
  required: RequiredLevels
  /** In the header of a `jwt` proof it needs an `exp` (Appendix D.1). */
  needsExpiry: boolean
  mostKeys: number
}

/** Many keys, a chain of certificates, and room for what an ecosystem adds. */
const mostLetters = 64 * 1024
/** That of 1.0, and that of draft 15. */
const types: readonly unknown[] = ['key-attestation+jwt', 'keyattestation+jwt']

const refused = (message: string) => new ProtocolError('invalid_proof', message)

function told<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw cause instanceof InvalidJws ? refused(`The key attestation is not valid. ${cause.message}`) : cause
  }
}

/**
 * A key attestation, OpenID4VCI Appendix D.1: a trusted attester, whose `x5c` leads to a configured anchor (HAIP §4.5.1), says that
 * these keys are kept, and their use allowed, at these levels. That the sender has the keys it does not show.
 * Throws `invalid_proof`. The caller checks `nonce` and `status`.
 */
export function verifyKeyAttestation(jwt: string, expected: Expected): AttestedKeys {
  const [jws, attester] = told(() => {
    const decoded = decodeJws(jwt, mostLetters)
    if (!types.includes(decoded.header.typ)) throw refused('The typ of the key attestation is not key-attestation+jwt.')
    return [decoded, signerOf(decoded, expected)] as const
  })
  checkTimes(jws.payload, expected)
  const { required } = expected
  for (const name of ['key_storage', 'user_authentication'] as const) {
    if (!isReached(required[name], jws.payload[name]))
      throw refused(`The key attestation does not attest what is required of ${name}.`)
  }
  const { nonce } = jws.payload
  if (typeof nonce !== 'string' || nonce === '') throw refused('The key attestation has no nonce.')
  return { attester, keys: keysOf(jws.payload, expected.mostKeys), nonce, status: told(() => statusOf(jws.payload)) }
}

function checkTimes({ iat, exp, nbf }: Jws['payload'], { now: at, skewSeconds, needsExpiry }: Expected): void {
  const now = seconds(at)
  const isLater = (moment: unknown) => typeof moment !== 'number' || moment > now + skewSeconds
  if (isLater(iat) || (nbf !== undefined && isLater(nbf)))
    throw refused('The key attestation has no iat, or is not valid yet.')
  if (exp === undefined && needsExpiry) throw refused('The key attestation has no exp, which it needs in a jwt proof.')
  if (exp !== undefined && (typeof exp !== 'number' || exp <= now - skewSeconds))
    throw refused('The key attestation has expired.')
}

/** Levels are names without an order: one of those that will do has to be among those attested (Appendix D.2). */
const isReached = (enough: readonly string[] | undefined, attested: unknown): boolean =>
  enough === undefined || (Array.isArray(attested) && enough.some((level) => attested.includes(level)))

function keysOf({ attested_keys: attested }: Jws['payload'], mostKeys: number): AttestedKeys['keys'] {
  if (!Array.isArray(attested) || attested.length === 0 || !attested.every(isObject))
    throw refused('The attested_keys of the key attestation are no array of keys.')
  if (attested.length > mostKeys) throw refused('The key attestation has more keys than the batch_size allows.')
  const keys = told(() => attested.map((key) => ({ jwk: publicMembers(key), thumbprint: thumbprint(key) })))
  if (new Set(keys.map((key) => key.thumbprint)).size < keys.length)
    throw refused('The key attestation has a key twice.')
  return keys
}

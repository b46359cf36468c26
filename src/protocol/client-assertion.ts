import { InvalidJws, type Jwk } from '../lib/jwk.ts'
import { decodeJws, type Jws, verifyJws } from '../lib/jws.ts'
import { seconds } from '../lib/time.ts'
import { ProtocolError } from './errors.ts'

export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

type Expected = {
  /** The authorization server's identifier, and the endpoints that older clients name instead (RFC 9126 §2). */
  audiences: readonly string[]
  algorithms: readonly string[]
  now: Date
  skewSeconds: number
  /** `exp` is at most so far away: the `jti` is remembered as long. */
  mostSeconds: number
}

const refused = (message: string) => new ProtocolError('invalid_client', message)

function decode(jwt: string): Jws {
  try {
    return decodeJws(jwt)
  } catch (cause) {
    throw cause instanceof InvalidJws ? refused(`The client_assertion cannot be read. ${cause.message}`) : cause
  }
}

/** Whose assertion it claims to be; proves nothing. @throws ProtocolError `invalid_client` */
export function clientOfAssertion(jwt: string): string {
  const { iss, sub } = decode(jwt).payload
  if (typeof sub !== 'string' || sub === '' || iss !== sub)
    throw refused('The client_assertion has no iss and sub that are the client_id.')
  return sub
}

/**
 * A client assertion, RFC 7523 §3 (`private_key_jwt`), signed with one of the client's registered keys: the one that `kid` names, or any
 * if it names none. Answers its `jti`, which the caller takes once.
 * @throws ProtocolError `invalid_client`
 */
export function verifyClientAssertion(jwt: string, keys: readonly Jwk[], expected: Expected): string {
  const jws = decode(jwt)
  const { kid } = jws.header
  const candidates = kid === undefined ? keys : keys.filter((key) => key.kid === kid)
  if (!candidates.some((key) => isSignedWith(jws, key, expected.algorithms)))
    throw refused('The client_assertion is not signed with a key of this client.')
  const { aud, exp, nbf, iat, jti } = jws.payload
  const named: unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!expected.audiences.some((one) => named.includes(one)))
    throw refused('The aud of the client_assertion is not this authorization server.')
  const now = seconds(expected.now)
  if (typeof exp !== 'number' || exp <= now - expected.skewSeconds || exp > now + expected.mostSeconds)
    throw refused('The exp of the client_assertion is missing, past, or too far away.')
  for (const moment of [nbf, iat]) {
    if (moment !== undefined && (typeof moment !== 'number' || moment > now + expected.skewSeconds))
      throw refused('The client_assertion is not valid yet.')
  }
  if (typeof jti !== 'string' || jti === '') throw refused('The client_assertion has no jti.')
  return jti
}

function isSignedWith(jws: Jws, key: Jwk, algorithms: readonly string[]): boolean {
  try {
    verifyJws(jws, key, algorithms)
    return true
  } catch (cause) {
    if (cause instanceof InvalidJws) return false
    throw cause
  }
}

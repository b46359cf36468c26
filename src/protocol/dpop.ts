import { hash } from 'node:crypto'
import { InvalidJws, type Jwk, thumbprint } from '../lib/jwk.ts'
import { decodeJws, type Jws, verifyJws } from '../lib/jws.ts'
import { ProtocolError } from './errors.ts'
import { faultInTimes } from './proof-times.ts'

/** What was proven. The caller remembers `jti` until `iat` has left the window (RFC 9449 §11.1). */
export type DpopProof = { thumbprint: string; jti: string; iat: number }

type Expected = {
  method: string
  /** The endpoint's public URL. */
  url: string
  algorithms: readonly string[]
  now: Date
  /** At a protected resource: the access token that came with the proof. */
  accessToken?: string | undefined
  /** The `cnf.jkt` of the access token, or the key a code is bound to. */
  expectedThumbprint?: string | undefined
  /** `missing`: a nonce is wanted and none was sent. `invalid`: not given out here, or expired. */
  nonce: (given: string | undefined) => 'ok' | 'missing' | 'invalid' | 'expired'
  maxAgeSeconds?: number
  skewSeconds?: number
}

const refused = (message: string, help?: string) =>
  new ProtocolError('invalid_dpop_proof', message, help ? { help } : {})

const unreserved = /[A-Za-z0-9._~-]/

/**
 * The URI without query and fragment, normalised as in RFC 3986 §6.2.2 and §6.2.3, or undefined if it is none over
 * http.
 */
export function normaliseHtu(text: string): string | undefined {
  // The URL parser is more obliging than RFC 3986: it drops blanks and takes a backslash for a slash.
  if (!/^https?:\/\/[\x21\x23-\x5b\x5d-\x7e]+$/i.test(text)) return undefined
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return undefined
  const path = url.pathname.replace(/%([0-9a-f]{2})/gi, (escaped, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return unreserved.test(character) ? character : escaped.toUpperCase()
  })
  return url.origin + path
}

function verifiedProof(jwt: string, algorithms: readonly string[]): { payload: Jws['payload']; key: Jwk } {
  try {
    const proof = decodeJws(jwt)
    const { typ, jwk } = proof.header
    if (typ !== 'dpop+jwt') throw refused('The typ of the DPoP proof is not dpop+jwt.')
    if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) throw refused('The DPoP proof has no jwk.')
    verifyJws(proof, jwk as Jwk, algorithms)
    return { payload: proof.payload, key: jwk as Jwk }
  } catch (cause) {
    throw cause instanceof InvalidJws ? refused(`The DPoP proof is not valid. ${cause.message}`) : cause
  }
}

/**
 * A DPoP proof, checked as RFC 9449 §4.3 says, except that there is one `DPoP` header (for who reads the headers) and
 * that its `jti` is new (for who has the database).
 * Throws `invalid_dpop_proof`, or `use_dpop_nonce` for a proof in which only the nonce is missing, wrong or expired.
 */
export function verifyDpopProof(jwt: string, expected: Expected): DpopProof {
  const { payload, key } = verifiedProof(jwt, expected.algorithms)
  const { jti, htm, htu, iat, ath, nonce } = payload
  if (typeof jti !== 'string' || jti === '') throw refused('The DPoP proof has no jti.')
  if (htm !== expected.method) throw refused('The htm of the DPoP proof is not the method of the request.')
  const target = typeof htu === 'string' ? normaliseHtu(htu) : undefined
  if (target === undefined || target !== normaliseHtu(expected.url)) {
    throw refused('The htu of the DPoP proof is not the URI of the request.')
  }
  const { now, maxAgeSeconds = 300, skewSeconds = 60 } = expected
  const fault = faultInTimes(payload, { now, maxAgeSeconds, skewSeconds })
  if (fault === 'malformed') throw refused('The iat of the DPoP proof is missing or no number.')
  if (fault === 'clock') throw refused('The DPoP proof was not made just now: see its iat.', 'clock')

  if (expected.accessToken !== undefined && ath !== hash('sha256', expected.accessToken, 'base64url')) {
    throw refused('The ath of the DPoP proof is not the hash of the access token.')
  }
  const made = thumbprint(key)
  if (expected.expectedThumbprint !== undefined && made !== expected.expectedThumbprint) {
    throw refused('The DPoP proof was made with another key.')
  }
  if (nonce !== undefined && typeof nonce !== 'string') throw refused('The nonce of the DPoP proof is no string.')
  if (expected.nonce(nonce) !== 'ok') {
    throw new ProtocolError('use_dpop_nonce', 'The DPoP proof needs the nonce of the DPoP-Nonce header.')
  }
  return { thumbprint: made, jti, iat: Number(iat) }
}

import { verify } from 'node:crypto'
import { decodeBase64url } from './base64url.ts'
import { InvalidJws, type Jwk, publicKeyOf } from './jwk.ts'

/**
 * What each algorithm of RFC 7518 §3.4, RFC 8037 §3.1 and RFC 9864 demands of the key. Nothing symmetric, no `none`.
 */
const algorithms: Record<string, { crv: string; digest: string | null }> = {
  ES256: { crv: 'P-256', digest: 'sha256' },
  ES384: { crv: 'P-384', digest: 'sha384' },
  ES512: { crv: 'P-521', digest: 'sha512' },
  EdDSA: { crv: 'Ed25519', digest: null },
  Ed25519: { crv: 'Ed25519', digest: null },
}

/** What a signature of somebody else's server may be made with: never `none`, never a shared secret (RFC 8725 §3.1). */
export const publicKeyAlgorithms: readonly string[] = ['RS', 'PS', 'ES']
  .flatMap((family) => [256, 384, 512].map((bits) => `${family}${bits}`))
  .concat('EdDSA', 'Ed25519')

/** A decoded JWT. Nothing in it is to be believed before `verifyJws`. */
export type Jws = {
  header: Record<string, unknown>
  payload: Record<string, unknown>
  signingInput: string
  signature: Buffer
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function jsonObject(part: string): Record<string, unknown> {
  const bytes = decodeBase64url(part)
  if (!bytes) throw new InvalidJws('A part of the JWT is not base64url.')
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(bytes))
  } catch {
    throw new InvalidJws('A part of the JWT is not JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidJws('A part of the JWT is not a JSON object.')
  }
  return value as Record<string, unknown>
}

/**
 * Takes a JWT in compact serialisation apart (RFC 7515 §7.1, RFC 7519 §7.2). Throws `InvalidJws` if it is too long,
 * does not have three parts, or is not two JSON objects and a signature in base64url.
 */
export function decodeJws(text: string, maxLength = 16 * 1024): Jws {
  if (text.length > maxLength) throw new InvalidJws('The JWT is too long.')
  const parts = text.split('.', 4)
  const [header, payload, signature] = parts
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
    throw new InvalidJws('The JWT does not have three parts.')
  }
  const decoded = { header: jsonObject(header), payload: jsonObject(payload), signature: decodeBase64url(signature) }
  if (!decoded.signature) throw new InvalidJws('The signature of the JWT is not base64url.')
  return { ...decoded, signature: decoded.signature, signingInput: `${header}.${payload}` }
}

/**
 * Verifies the signature with a public key (RFC 7515 §5.2), for the algorithms the caller lists and this file knows.
 * Throws `InvalidJws`, also for a key of another kind than the algorithm's and for `crit`, of which nothing is
 * understood.
 */
export function verifyJws(jws: Jws, jwk: Jwk, allowed: readonly string[]): void {
  const { alg } = jws.header
  const algorithm = typeof alg === 'string' && Object.hasOwn(algorithms, alg) ? algorithms[alg] : undefined
  if (!algorithm || !allowed.includes(String(alg))) throw new InvalidJws('The alg of the JWT is not accepted.')
  if (Object.hasOwn(jws.header, 'crit')) throw new InvalidJws('The JWT has critical extensions.')
  const key = publicKeyOf(jwk)
  const { crv, digest } = algorithm
  if (jwk.crv !== crv) throw new InvalidJws('The key does not fit the alg of the JWT.')
  const isGenuine = verify(digest, Buffer.from(jws.signingInput), key, jws.signature)
  if (!isGenuine) throw new InvalidJws('The signature of the JWT does not verify.')
}

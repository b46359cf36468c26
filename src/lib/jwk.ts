import { createPublicKey, hash, type KeyObject } from 'node:crypto'
import { decodeBase64url } from './base64url.ts'

export type Jwk = Record<string, unknown>

/** A key or signature that does not hold. The message is a fixed sentence for a developer and holds no value. */
export class InvalidJws extends Error {}

/**
 * The curves a signature may come from: key type, length of a coordinate, and the public members in RFC 7638's order.
 */
const curves: Record<string, { kty: string; bytes: number; members: readonly string[] }> = {
  'P-256': { kty: 'EC', bytes: 32, members: ['crv', 'kty', 'x', 'y'] },
  'P-384': { kty: 'EC', bytes: 48, members: ['crv', 'kty', 'x', 'y'] },
  'P-521': { kty: 'EC', bytes: 66, members: ['crv', 'kty', 'x', 'y'] },
  Ed25519: { kty: 'OKP', bytes: 32, members: ['crv', 'kty', 'x'] },
}

/** RFC 7518 §6.2.2, §6.3.2 and §6.4.1, RFC 8037 §2. */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']

function curveOf(jwk: Jwk) {
  const curve = typeof jwk.crv === 'string' && Object.hasOwn(curves, jwk.crv) ? curves[jwk.crv] : undefined
  if (curve?.kty !== jwk.kty || curve === undefined) throw new InvalidJws('The key is of a kind that is not supported.')
  return curve
}

/**
 * The key reduced to its public members (RFC 7518 §6.2.1, RFC 8037 §2), in the order of RFC 7638: what else a sender
 * wrote into it (`kid`, `use`, an own mark to be tracked by) is left out.
 * Throws `InvalidJws` for private members, other kinds of key, and coordinates that are not exactly as long as the
 * curve's.
 */
export function publicMembers(jwk: Jwk): Jwk {
  if (privateMembers.some((member) => Object.hasOwn(jwk, member))) throw new InvalidJws('The key has private members.')
  const { bytes, members } = curveOf(jwk)
  for (const coordinate of members.slice(2)) {
    const value = jwk[coordinate]
    if (typeof value !== 'string' || decodeBase64url(value)?.length !== bytes) {
      throw new InvalidJws('A coordinate of the key does not have the length of its curve.')
    }
  }
  return Object.fromEntries(members.map((member) => [member, jwk[member]]))
}

/** SHA-256 thumbprint of an EC or OKP key (RFC 7638 §3, RFC 8037 §2). Throws `InvalidJws` as `publicMembers`. */
export const thumbprint = (jwk: Jwk): string => hash('sha256', JSON.stringify(publicMembers(jwk)), 'base64url')

/** The key for `node:crypto`. Throws `InvalidJws` as `publicMembers`, and for a point that is not on the curve. */
export function publicKeyOf(jwk: Jwk): KeyObject {
  const key = publicMembers(jwk)
  try {
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    throw new InvalidJws('The key is not on its curve.')
  }
}

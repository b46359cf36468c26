import { createPublicKey, hash, type KeyObject } from 'node:crypto'
import { decodeBase64url } from './base64url.ts'

export type Jwk = Record<string, unknown>

/** A key or signature that does not hold. The message is a fixed sentence for a developer and holds no value. */
export class InvalidJws extends Error {}

const [ec, okp] = [
  ['crv', 'kty', 'x', 'y'],
  ['crv', 'kty', 'x'],
]

/**
 * The curves a signature may come from: key type, length of a coordinate, the public members in RFC 7638's order, and what stands before
 * the coordinates in a SubjectPublicKeyInfo (RFC 5480 §2, RFC 8410 §4).
 */
const curves: Record<string, { kty: string; bytes: number; members: readonly string[]; spki: string }> = {
  'P-256': { kty: 'EC', bytes: 32, members: ec, spki: '3059301306072a8648ce3d020106082a8648ce3d03010703420004' },
  'P-384': { kty: 'EC', bytes: 48, members: ec, spki: '3076301006072a8648ce3d020106052b8104002203620004' },
  'P-521': { kty: 'EC', bytes: 66, members: ec, spki: '30819b301006072a8648ce3d020106052b810400230381860004' },
  Ed25519: { kty: 'OKP', bytes: 32, members: okp, spki: '302a300506032b6570032100' },
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

/**
 * A key that signs and verifies as JWS and COSE do (RFC 7518 §3.4). Node takes this option beside the key, too, but first tries whether
 * such an object is itself a key, and catching that error costs as much as the signature.
 */
export const withRawSignatures = <Key extends KeyObject>(key: Key) =>
  Object.assign(key, { dsaEncoding: 'ieee-p1363' as const })

/** The key for `node:crypto`. Throws `InvalidJws` as `publicMembers`, and for a point that is not on the curve. */
export function publicKeyOf(jwk: Jwk): KeyObject {
  const { crv: _curve, kty: _type, ...coordinates } = publicMembers(jwk)
  const point = Object.values(coordinates).map((coordinate) => Buffer.from(coordinate as string, 'base64url'))
  const der = Buffer.concat([Buffer.from(curveOf(jwk).spki, 'hex'), ...point])
  try {
    // As text, for the same reason: of a JWK Node would try thrice whether it is something else.
    return withRawSignatures(
      createPublicKey(`-----BEGIN PUBLIC KEY-----\n${der.toString('base64')}\n-----END PUBLIC KEY-----`),
    )
  } catch {
    throw new InvalidJws('The key is not on its curve.')
  }
}

import { ECDH } from 'node:crypto'
import { decodeBase58, encodeBase58 } from '../lib/base58.ts'
import { decodeBase64url, encodeBase64url } from '../lib/base64url.ts'
import { InvalidJws, type Jwk, publicMembers } from '../lib/jwk.ts'

/** The DID methods whose documents can be read off the DID, so that nobody has to be asked. */
export type DidMethod = 'did:key' | 'did:jwk'

/** Multicodec's names of public keys, as varints (did:key §2.1), with the bytes of a coordinate; EC points are compressed. */
const codecs = [
  { crv: 'P-256', curve: 'prime256v1', prefix: Buffer.from([0x80, 0x24]), bytes: 32 },
  { crv: 'P-384', curve: 'secp384r1', prefix: Buffer.from([0x81, 0x24]), bytes: 48 },
  { crv: 'Ed25519', curve: undefined, prefix: Buffer.from([0xed, 0x01]), bytes: 32 },
] as const

const form = /^(did:key|did:jwk):([A-Za-z0-9_-]{1,2000})(?:#([A-Za-z0-9_-]{1,2000}))?$/

/**
 * The one key of a `did:key` (P-256, P-384, Ed25519) or `did:jwk`, named by a DID URL; without a fragment the DID alone, which names
 * the same key. Nothing is fetched. The key comes back reduced to its public members.
 * Throws `InvalidJws` for another method, another fragment than the document has, other kinds of key, and private ones.
 */
export function keyOfDid(didUrl: string): { did: string; method: DidMethod; jwk: Jwk } {
  const [, method, id, fragment] = form.exec(didUrl) ?? []
  if (id === undefined) throw new InvalidJws('The kid is no DID URL of did:key or did:jwk.')
  const isKey = method === 'did:key'
  if (fragment !== undefined && fragment !== (isKey ? id : '0'))
    throw new InvalidJws('The DID has no key of that fragment.')
  const jwk = publicMembers(isKey ? fromMultibase(id) : fromJson(id))
  return { did: `${method}:${id}`, method: isKey ? 'did:key' : 'did:jwk', jwk }
}

function fromJson(id: string): Jwk {
  try {
    const value: unknown = JSON.parse(decodeBase64url(id)?.toString() ?? '')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Jwk
  } catch {
    // told below
  }
  throw new InvalidJws('The did:jwk holds no JSON Web Key.')
}

function fromMultibase(id: string): Jwk {
  const bytes = id.startsWith('z') ? decodeBase58(id.slice(1)) : undefined
  const codec = codecs.find(({ prefix }) => bytes?.subarray(0, prefix.length).equals(prefix))
  if (!bytes || !codec) throw new InvalidJws('The did:key is of a kind of key that is not supported.')
  const key = bytes.subarray(codec.prefix.length)
  if (key.length !== codec.bytes + (codec.curve ? 1 : 0)) throw new InvalidJws('The did:key has another length.')
  if (!codec.curve) return { crv: codec.crv, kty: 'OKP', x: encodeBase64url(key) }
  const point = uncompressed(key, codec.curve)
  const [x, y] = [point.subarray(1, 1 + codec.bytes), point.subarray(1 + codec.bytes)]
  return { crv: codec.crv, kty: 'EC', x: encodeBase64url(x), y: encodeBase64url(y) }
}

function uncompressed(key: Buffer, curve: string): Buffer {
  try {
    return ECDH.convertKey(key, curve, undefined, undefined, 'uncompressed') as Buffer
  } catch {
    throw new InvalidJws('The key of the did:key is not on its curve.')
  }
}

/** The DID of a key, without a fragment. Throws `InvalidJws` for a kind that the method does not have here. */
export function didOfKey(jwk: Jwk, method: DidMethod): string {
  const key = publicMembers(jwk)
  if (method === 'did:jwk') return `did:jwk:${encodeBase64url(JSON.stringify(key))}`
  const codec = codecs.find(({ crv }) => crv === key.crv)
  if (!codec) throw new InvalidJws('The did:key is of a kind of key that is not supported.')
  const [x, y] = [key.x, key.y].map((value) =>
    typeof value === 'string' ? Buffer.from(value, 'base64url') : undefined,
  )
  // SEC 1 §2.3.3: the sign of y, then x.
  const sign = y && Buffer.from([2 + ((y.at(-1) ?? 0) & 1)])
  return `did:key:z${encodeBase58(Buffer.concat([codec.prefix, ...(sign ? [sign] : []), x ?? Buffer.alloc(0)]))}`
}

/** The DID URL of its one key (did:key §2.2, did:jwk): what a `kid` has. */
export const keyUrlOfDid = (did: string): string =>
  did.startsWith('did:jwk:') ? `${did}#0` : `${did}#${did.slice('did:key:'.length)}`

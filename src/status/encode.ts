import { promisify } from 'node:util'
import { deflate, gzip } from 'node:zlib'
import type { Places } from '../store/status-lists.ts'

/** Status types of a Token Status List §7.1 that are not 0, valid. */
export const statusValue = { invalid: 1, suspended: 2 } as const

export const bitsPerEntry = 2
/** A bitstring has this many entries at least (Bitstring Status List §3.2), for a holder to be one of many. */
const fewestBits = 131_072

const [deflated, gzipped] = [promisify(deflate), promisify(gzip)]

/** Token Status List §4.1: entries fill each byte from its least significant bit. */
export function tokenListBytes(size: number, { invalid, suspended }: Places): Buffer {
  const bytes = Buffer.alloc(Math.ceil((size * bitsPerEntry) / 8))
  const set = (index: number, value: number) => {
    bytes[index >> 2]! |= value << ((index & 3) * bitsPerEntry)
  }
  for (const index of invalid) set(index, statusValue.invalid)
  for (const index of suspended) set(index, statusValue.suspended)
  return bytes
}

/** Bitstring Status List §3.2: the first entry is the leftmost bit. */
export function bitstringBytes(size: number, places: readonly number[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(Math.max(size, fewestBits) / 8))
  for (const index of places) bytes[index >> 3]! |= 0x80 >> (index & 7)
  return bytes
}

/** `lst`: DEFLATE in the zlib format (RFC 1950), at the highest level. */
export const compressTokenList = (bytes: Buffer): Promise<Buffer> => deflated(bytes, { level: 9 })

/** `encodedList`: GZIP (RFC 1952), in base64url with the multibase prefix `u`. */
export const encodeBitstring = async (bytes: Buffer): Promise<string> =>
  `u${(await gzipped(bytes, { level: 9 })).toString('base64url')}`

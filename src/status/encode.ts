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

/**
 * The highest level, as recommended, while few entries are set. With more of them it takes ten times as long for a thirtieth less: then
 * the usual one.
 */
const levelFor = (size: number, set: number): number => (set * 64 > size ? 6 : 9)

/** `lst`: DEFLATE in the zlib format (RFC 1950). */
export const compressTokenList = (size: number, places: Places): Promise<Buffer> =>
  deflated(tokenListBytes(size, places), {
    level: levelFor(size, places.invalid.length + places.suspended.length),
  })

/** `encodedList`: GZIP (RFC 1952), in base64url with the multibase prefix `u`. */
export async function encodeBitstring(size: number, places: readonly number[]): Promise<string> {
  const compressed = await gzipped(bitstringBytes(size, places), { level: levelFor(size, places.length) })
  return `u${compressed.toString('base64url')}`
}

/** A tagged value (RFC 8949 §3.4) with the bytes it came as, for digests are of these. */
export class Tagged {
  readonly tag: number
  readonly value: unknown
  readonly raw: Buffer
  constructor(tag: number, value: unknown, raw: Buffer) {
    this.tag = tag
    this.value = value
    this.raw = raw
  }
}

const refused = (message: string) => new Error(message)
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const mostDepth = 32

type Reader = { bytes: Buffer; at: number }

function take(reader: Reader, length: number): Buffer {
  const end = reader.at + length
  if (end > reader.bytes.length) throw refused('The CBOR ends too early.')
  const part = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return part
}

/** The argument of a head: of definite length and in the shortest form, or it is refused (RFC 8949 §4.2.1). */
function argument(reader: Reader, additional: number): number | bigint {
  if (additional < 24) return additional
  if (additional > 27) throw refused('The CBOR has an indefinite length or a reserved head.')
  const size = 2 ** (additional - 24)
  const bytes = take(reader, size)
  const value = size === 8 ? bytes.readBigUInt64BE() : bytes.readUIntBE(0, size)
  const least = size === 1 ? 24 : 2 ** (4 * size)
  if (value < least) throw refused('A head of the CBOR is longer than it need be.')
  return typeof value === 'bigint' && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
}

function lengthOf(value: number | bigint): number {
  if (typeof value === 'bigint') throw refused('The CBOR ends too early.')
  return value
}

function simple(reader: Reader, additional: number): unknown {
  const known = new Map<number, unknown>([
    [20, false],
    [21, true],
    [22, null],
    [23, undefined],
  ])
  if (known.has(additional)) return known.get(additional)
  if (additional === 26) return take(reader, 4).readFloatBE()
  if (additional === 27) return take(reader, 8).readDoubleBE()
  throw refused('The CBOR has a simple value or a float that is not read here.')
}

function readMap(reader: Reader, count: number, depth: number): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>()
  for (let left = count; left > 0; left--) {
    const key = read(reader, depth)
    if (typeof key !== 'string' && typeof key !== 'number')
      throw refused('A key of a CBOR map is neither text nor number.')
    if (map.has(key)) throw refused('A key of a CBOR map comes twice.')
    map.set(key, read(reader, depth))
  }
  return map
}

function readList(reader: Reader, count: number, depth: number): unknown[] {
  const list: unknown[] = []
  while (list.length < count) list.push(read(reader, depth))
  return list
}

function readText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw refused('A text of the CBOR is not UTF-8.')
  }
}

function read(reader: Reader, depth: number): unknown {
  if (depth > mostDepth) throw refused('The CBOR is too deep.')
  const start = reader.at
  const head = take(reader, 1).readUInt8()
  const [major, additional] = [head >> 5, head & 31]
  if (major === 7) return simple(reader, additional)
  const value = argument(reader, additional)
  if (major === 0) return value
  if (major === 1) return typeof value === 'bigint' ? -1n - value : -1 - value
  if (major === 6) return new Tagged(lengthOf(value), read(reader, depth + 1), reader.bytes.subarray(start, reader.at))
  const length = lengthOf(value)
  if (major === 2) return take(reader, length)
  if (major === 3) return readText(take(reader, length))
  return major === 4 ? readList(reader, length, depth + 1) : readMap(reader, length, depth + 1)
}

/**
 * Reads CBOR strictly: definite lengths, shortest heads, no key twice, nothing after the end (RFC 8949 §4.2.1 without the order of keys).
 * Maps are `Map`s, byte strings Buffers.
 */
export function decodeStrictly(bytes: Buffer): unknown {
  const reader = { bytes, at: 0 }
  const value = read(reader, 0)
  if (reader.at !== bytes.length) throw refused('There is something after the end of the CBOR.')
  return value
}

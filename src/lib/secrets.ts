import { createHmac, type KeyObject, hash as oneShot, timingSafeEqual } from 'node:crypto'

/** SHA-256 as base64url: under this name a token, code or handle is stored and found. */
export const hash = (secret: string): string => oneShot('sha256', secret, 'base64url')

export const hmac = (key: KeyObject | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Equality that takes the same time wherever the first difference is. */
export function equal(a: string | Buffer, b: string | Buffer): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** A UUIDv7 (RFC 9562 §5.7): sorts by time, 74 random bits. */
export function uuidv7(now: Date, random: (bytes: number) => Buffer): string {
  const bytes = Buffer.concat([Buffer.alloc(6), random(10)])
  bytes.writeUIntBE(now.getTime(), 0, 6)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

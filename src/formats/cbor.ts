import { Tag } from 'cbor-x'
import { decodeBase64url } from '../lib/base64url.ts'
import type { ClaimType } from '../model/claim-mapping.ts'
import { ProtocolError } from '../protocol/errors.ts'

/** An encoded item inside another, `#6.24(bstr .cbor …)`: encoded once, for digests are of these very bytes. */
export const embedded = (bytes: Buffer): Tag => new Tag(bytes, 24)

const fullDateTag = 1004
/** Throws `credential_request_denied` for a text that is no date. */
function fullDate(text: string): Tag {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return new Tag(text, fullDateTag)
  throw new ProtocolError('credential_request_denied', 'A date of the document is not written as YYYY-MM-DD.')
}
/** `tdate` of ISO/IEC 18013-5: a moment without fractions of a second. */
export const tdate = (moment: Date): Tag => new Tag(moment.toISOString().replace(/\.\d{3}Z$/, 'Z'), 0)

/** The library writes a number beyond 32 bits as a float, unless it is a bigint. */
const integral = (value: number): number | bigint =>
  Number.isSafeInteger(value) && Math.abs(value) > 0xffff_ffff ? BigInt(value) : value

/** JSON as CBOR: objects become maps; `datesIn` names members of objects that are full-dates. */
function jsonToCbor(value: unknown, datesIn: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => jsonToCbor(item, datesIn))
  if (typeof value === 'number') return integral(value)
  if (typeof value !== 'object' || value === null) return value
  return new Map(
    Object.entries(value).map(([name, member]) => [
      name,
      datesIn.includes(name) && typeof member === 'string' ? fullDate(member) : jsonToCbor(member, datesIn),
    ]),
  )
}

function bytesOf(text: string): Buffer {
  const data = text.startsWith('data:') ? text.slice(text.indexOf(',') + 1) : text
  return decodeBase64url(data) ?? Buffer.from(data, 'base64')
}

/** ISO/IEC 18013-5 table 5 wants the dates of each category as full-date. */
const datesOf: Record<string, readonly string[]> = { driving_privileges: ['issue_date', 'expiry_date'] }

/** The value of a data element, of the type that its rule declares. */
export function elementValue(element: string, value: unknown, type: ClaimType): unknown {
  if (typeof value !== 'string') return jsonToCbor(value, datesOf[element] ?? [])
  if (type === 'full-date' || type === 'date') return fullDate(value)
  if (type === 'tdate') return tdate(new Date(value))
  return type === 'bytes' ? bytesOf(value) : value
}

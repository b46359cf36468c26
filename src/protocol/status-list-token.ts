import type { X509Certificate } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { decodeBase64url } from '../lib/base64url.ts'
import { keyOfCertificate, verifyChain } from '../lib/certificate-path.ts'
import { isObject } from '../lib/json.ts'
import { InvalidJws } from '../lib/jwk.ts'
import { decodeJws, verifyJws } from '../lib/jws.ts'
import { seconds } from '../lib/time.ts'

/** A list as it was published: `valid` is 0 (Token Status List §7.1). It may be kept for so long. */
export type ReadStatusList = { bits: number; bytes: Buffer; keepSeconds: number }

type Expected = {
  /** Where it was fetched, exactly as the referenced token has it. */
  uri: string
  anchors: readonly X509Certificate[]
  algorithms: readonly string[]
  now: Date
  skewSeconds: number
}

const mostLetters = 2 ** 20
/** A list of four million entries of two bits; more is a bomb. */
const mostBytes = 2 ** 20
const [defaultSeconds, mostSeconds] = [300, 3600]

/**
 * A Status List Token in JWT form (draft-ietf-oauth-status-list §5.1, §8.3), signed by somebody to whom these anchors lead.
 * Throws `InvalidJws` for anything that is wrong with it.
 */
export function readStatusListToken(
  jwt: string,
  { uri, anchors, algorithms, now, skewSeconds }: Expected,
): ReadStatusList {
  const jws = decodeJws(jwt, mostLetters)
  if (jws.header.typ !== 'statuslist+jwt') throw new InvalidJws('The typ of the status list is not statuslist+jwt.')
  verifyJws(jws, keyOfCertificate(verifyChain(jws.header.x5c, anchors, now).leaf), algorithms)
  const { sub, iat, exp, ttl, status_list: list } = jws.payload
  if (sub !== uri) throw new InvalidJws('The status list is another one.')
  const at = seconds(now)
  if (typeof iat !== 'number' || iat > at + skewSeconds) throw new InvalidJws('The status list is not of now.')
  if (exp !== undefined && (typeof exp !== 'number' || exp <= at)) throw new InvalidJws('The status list has expired.')
  const { bits, lst } = typeof list === 'object' && list !== null ? (list as Record<string, unknown>) : {}
  if (typeof bits !== 'number' || ![1, 2, 4, 8].includes(bits) || typeof lst !== 'string')
    throw new InvalidJws('The status list has no entries.')
  const left = typeof exp === 'number' ? exp - at : mostSeconds
  const wanted = typeof ttl === 'number' && ttl > 0 ? ttl : defaultSeconds
  return { bits, bytes: inflate(lst), keepSeconds: Math.min(left, wanted, mostSeconds) }
}

function inflate(lst: string): Buffer {
  const compressed = decodeBase64url(lst)
  try {
    if (compressed) return inflateSync(compressed, { maxOutputLength: mostBytes })
  } catch {
    // told below
  }
  throw new InvalidJws('The entries of the status list cannot be read.')
}

/** The entry at an index, from the least significant bit of its byte on (§4.1), or undefined beyond the list's end. */
export function statusAt({ bits, bytes }: Pick<ReadStatusList, 'bits' | 'bytes'>, index: number): number | undefined {
  const byte = bytes[Math.floor((index * bits) / 8)]
  return byte === undefined ? undefined : (byte >> ((index * bits) % 8)) & (2 ** bits - 1)
}

/** Where the status of a token stands (§6.2). */
export type StatusReference = { uri: string; index: number }

/** The reference in a token's `status`, if it has one. Throws `InvalidJws` for another kind: what cannot be read may say anything. */
export function statusOf({ status }: Record<string, unknown>): StatusReference | undefined {
  if (status === undefined) return undefined
  const list = isObject(status) ? status.status_list : undefined
  const { idx, uri } = isObject(list) ? list : {}
  if (typeof idx !== 'number' || !Number.isSafeInteger(idx) || idx < 0 || typeof uri !== 'string' || !URL.canParse(uri))
    throw new InvalidJws('Its status is of a kind that cannot be checked here.')
  return { uri, index: idx }
}

import { Decoder, Encoder, Tag } from 'cbor-x'
import type { Jwk } from '../lib/jwk.ts'
import { WalletError } from './errors.ts'

export type Fields = Map<unknown, unknown>

const settings = { tagUint8Array: false, useRecords: false, mapsAsObjects: false, variableMapSize: true }
const [encoder, decoder] = [new Encoder(settings), new Decoder(settings)]
export const refused = (message: string) => new WalletError('invalid_credential', message)

export const mapOf = (value: unknown): Fields => {
  if (value instanceof Map) return value
  throw refused('The mdoc does not have the members it should.')
}
export const listOf = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value
  throw refused('The mdoc has something else where a list should be.')
}
export const bytesOf = (value: unknown): Buffer => {
  if (value instanceof Uint8Array) return Buffer.from(value)
  throw refused('The mdoc has something else where bytes should be.')
}
/** The bytes of `#6.24(bstr)`. */
export const embedded = (value: unknown): Buffer => {
  if (value instanceof Tag && value.tag === 24) return bytesOf(value.value)
  throw refused('The mdoc has an item that is not embedded CBOR.')
}
export const dateOf = (value: unknown): Date => {
  const date = value instanceof Date ? value : new Date(String(value instanceof Tag ? value.value : value))
  if (Number.isNaN(date.getTime())) throw refused('A date of the mdoc is none.')
  return date
}

/** A value as JSON has it, to be shown. */
export function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Tag) return plain(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url')
  if (Array.isArray(value)) return value.map(plain)
  return value instanceof Map ? Object.fromEntries([...value].map(([name, one]) => [String(name), plain(one)])) : value
}

const curveNames = new Map([
  [1, 'P-256'],
  [2, 'P-384'],
  [3, 'P-521'],
  [6, 'Ed25519'],
])

/** A COSE_Key as JWK. */
export function jwkOf(key: Fields): Jwk {
  const [crv, x] = [curveNames.get(Number(key.get(-1))), bytesOf(key.get(-2)).toString('base64url')]
  if (key.get(1) === 1) return { kty: 'OKP', crv, x }
  return { kty: 'EC', crv, x, y: bytesOf(key.get(-3)).toString('base64url') }
}

export function decode(bytes: Uint8Array): unknown {
  try {
    return decoder.decode(bytes)
  } catch {
    throw refused('The mdoc is not CBOR.')
  }
}

export const encode = (value: unknown): Buffer => Buffer.from(encoder.encode(value))
/** `#6.24(bstr)` of these bytes. */
export const tagged = (bytes: Buffer): Buffer => encode(new Tag(bytes, 24))

import { createHash } from 'node:crypto'
import { isObject } from '../lib/json.ts'
import { WalletError } from './errors.ts'

type Json = Record<string, unknown>

/** An SD-JWT taken apart. `claims` are those of the issuer with every disclosure in its place. */
export type SdJwt = {
  /** The JWS that the issuer signed. */
  jws: string
  header: Json
  claims: Json
  /** The names of the claims that the holder may withhold, in the order of the disclosures; array elements as `...`. */
  withheld: string[]
}

const refused = (message: string) => new WalletError('invalid_credential', message)

/** Claims that must not come from a disclosure (draft-ietf-oauth-sd-jwt-vc §3.2.2.2). */
const neverWithheld = ['iss', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'status']

type Disclosure = { name: string | undefined; value: unknown; used: boolean }
type Disclosures = Map<string, Disclosure>

function decode(part: string, what: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    throw refused(`${what} is not JSON in base64url.`)
  }
}

function readDisclosures(parts: string[]): Disclosures {
  const found: Disclosures = new Map()
  for (const part of parts) {
    const disclosure = decode(part, 'A disclosure')
    if (!Array.isArray(disclosure) || disclosure.length < 2 || disclosure.length > 3) {
      throw refused('A disclosure is not a list of two or three.')
    }
    const name: unknown = disclosure.length === 3 ? disclosure[1] : undefined
    if (name !== undefined && (typeof name !== 'string' || ['_sd', '...'].includes(name))) {
      throw refused('A disclosure has a name that is not allowed.')
    }
    const digest = createHash('sha256').update(part).digest('base64url')
    if (found.has(digest)) throw refused('A disclosure comes twice.')
    found.set(digest, { name, value: disclosure.at(-1), used: false })
  }
  return found
}

/** Takes the disclosure of a digest, if there is one; a digest without is a decoy or something withheld. */
function take(disclosures: Disclosures, digest: unknown): Disclosure | undefined {
  const disclosure = typeof digest === 'string' ? disclosures.get(digest) : undefined
  if (disclosure?.used) throw refused('A digest occurs twice.')
  if (disclosure) disclosure.used = true
  return disclosure
}

function disclose(value: unknown, disclosures: Disclosures): unknown {
  if (Array.isArray(value)) {
    return value.flatMap((element: unknown) => {
      if (!isObject(element) || !Object.hasOwn(element, '...')) return [disclose(element, disclosures)]
      const disclosure = take(disclosures, element['...'])
      if (disclosure && disclosure.name !== undefined) throw refused('An array element is disclosed with a name.')
      return disclosure ? [disclose(disclosure.value, disclosures)] : []
    })
  }
  if (!isObject(value)) return value
  const members = new Map(Object.entries(value).filter(([name]) => name !== '_sd'))
  for (const [name, member] of members) members.set(name, disclose(member, disclosures))
  for (const digest of Array.isArray(value._sd) ? value._sd : []) {
    const disclosure = take(disclosures, digest)
    if (!disclosure) continue
    if (disclosure.name === undefined) throw refused('A claim is disclosed without a name.')
    if (members.has(disclosure.name)) throw refused('A disclosure overwrites a claim.')
    members.set(disclosure.name, disclose(disclosure.value, disclosures))
  }
  return Object.fromEntries(members)
}

/**
 * Takes an SD-JWT as issued (without key binding) apart and puts its disclosures in place, RFC 9901 §7.1. Nothing is verified here but
 * that each disclosure belongs to a digest that the issuer signed. Throws `invalid_credential`.
 */
export function decodeSdJwt(credential: string): SdJwt {
  const [jws = '', ...rest] = credential.split('~')
  if (rest.pop() !== '') throw refused('An SD-JWT from an issuer ends with a tilde.')
  const [header, payload, signature, more] = jws.split('.')
  if (!signature || more !== undefined) throw refused('The first part is not a compact JWS.')
  const [head, signed] = [decode(header ?? '', 'The header'), decode(payload ?? '', 'The payload')]
  if (!isObject(head) || !isObject(signed)) throw refused('Header and payload are JSON objects.')
  const { _sd_alg: algorithm = 'sha-256', ...claims } = signed
  if (algorithm !== 'sha-256') throw refused('The digests are of an unknown algorithm.')
  const disclosures = readDisclosures(rest)
  const disclosed = disclose(claims, disclosures) as Json
  const all = [...disclosures.values()]
  if (all.some(({ used }) => !used)) throw refused('A disclosure belongs to no digest: it was changed or added.')
  if (neverWithheld.some((name) => Object.hasOwn(disclosed, name) && !Object.hasOwn(claims, name))) {
    throw refused('A claim that must be in the clear came from a disclosure.')
  }
  return { jws, header: head, claims: disclosed, withheld: all.map(({ name }) => name ?? '...') }
}

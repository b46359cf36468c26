import { createHash } from 'node:crypto'
import type { IDToken } from 'openid-client'
import { equal } from '../lib/secrets.ts'
import { seconds } from '../lib/time.ts'
import type { ProtocolError } from '../protocol/errors.ts'
import type { SignInMemory } from './connector.ts'
import { type Facts, type FaultId, fault, protocolErrorIn } from './faults.ts'

const toleranceSeconds = 30
const futureSeconds = 60

/** The hash that goes with a signature algorithm (OIDC Core §3.1.3.6); Ed25519 hashes with SHA-512 itself. */
function hashOf(algorithm: string): string {
  const [bits = '512'] = /\d{3}$/.exec(algorithm) ?? []
  return `sha${algorithm.startsWith('Ed') ? '512' : bits}`
}

type Checked = {
  idToken: string
  accessToken: string
  claims: IDToken
  memory: Partial<SignInMemory>
  clientId: string
  now: Date
}

/**
 * What the library leaves open of the ID token's validation (OIDC Core §3.1.3.7): `azp` with a single audience, `iat` of the future,
 * `at_hash`, `auth_time`, `acr` (`acrs` where a product has several), `amr`, and an administrator in the person's place (`act`, RFC 8693 §4.1). Throws the fault it finds.
 */
export function checkIdToken({ idToken, accessToken, claims, memory, clientId, now }: Checked): void {
  if (claims.azp !== undefined && claims.azp !== clientId) throw fault('id-token-aud', { member: 'azp' })
  const ahead = claims.iat - seconds(now)
  if (ahead > futureSeconds) throw fault('id-token-expired', { member: 'iat', secondsAhead: ahead })
  if (claims.at_hash !== undefined) {
    const header = JSON.parse(Buffer.from(idToken.split('.')[0] ?? '', 'base64url').toString()) as { alg: string }
    const digest = createHash(hashOf(header.alg)).update(accessToken).digest()
    const expected = digest.subarray(0, digest.length / 2).toString('base64url')
    if (typeof claims.at_hash !== 'string' || !equal(claims.at_hash, expected))
      throw fault('id-token-at-hash', { algorithm: header.alg })
  }
  if (claims.act !== undefined) throw fault('id-token-impersonated')
  if (memory.maxAge !== undefined) {
    if (typeof claims.auth_time !== 'number') throw fault('sign-in-too-old', { member: 'auth_time', missing: true })
    const age = seconds(now) - claims.auth_time
    if (age > memory.maxAge + toleranceSeconds) throw fault('sign-in-too-old', { asked: memory.maxAge, age })
  }
  const reached = { acr: textsIn([claims.acr, claims.acrs]), amr: textsIn(claims.amr) }
  for (const [member, asked] of [['acr', memory.acrValues] as const, ['amr', memory.amrValues] as const]) {
    if (asked && !asked.some((one) => reached[member].includes(one)))
      throw fault('sign-in-too-weak', { member, asked, got: reached[member] })
  }
}

/** The texts of a claim that is one, or a list of some. */
const textsIn = (claim: unknown): string[] => [claim].flat(2).filter((one) => typeof one === 'string')

const faultOfClaim: Record<string, FaultId> = {
  iss: 'id-token-iss',
  aud: 'id-token-aud',
  azp: 'id-token-aud',
  nonce: 'id-token-nonce',
  exp: 'id-token-expired',
  iat: 'id-token-expired',
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** Of a header nobody has verified, where anything may stand: an object may have a `toString` of its own. */
const told = (value: unknown): string => (typeof value === 'object' ? 'none' : String(value).slice(0, 300))

/** Whether the library found no key for an ID token among those it keeps. */
export const isAboutKeys = (error: unknown): boolean => member(error, 'code') === 'OAUTH_KEY_SELECTION_FAILED'

/** What the library hangs on its errors: a ClientError carries the library's own error, and that one carries what it looked at. */
const detailOf = (error: unknown): unknown => member(member(error, 'cause'), 'cause')

/** Whether the library met an encrypted token and had no key to open it with. */
export const isEncrypted = (error: unknown): boolean =>
  member(error, 'code') === 'OAUTH_UNSUPPORTED_OPERATION' && typeof detailOf(error) === 'string'

/** The claims, not yet verified, of a token whose `iss` the library did not expect; undefined for every other error. */
export const claimsOfOtherIssuer = (error: unknown): unknown =>
  member(error, 'code') === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' && member(detailOf(error), 'claim') === 'iss'
    ? member(detailOf(error), 'claims')
    : undefined

/**
 * The fault behind an error of the library at the token endpoint. The library hangs claims and tokens on its errors, so that nothing of
 * them is kept but names.
 */
export function faultOfIdToken(error: unknown): ProtocolError {
  const known = protocolErrorIn(error)
  if (known) return known
  const code = member(error, 'code')
  const detail = detailOf(error)
  const facts: Facts = { code: String(code) }
  const header = member(detail, 'header')
  const claims = member(detail, 'claims')
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED') {
    const name = String(member(detail, 'claim'))
    return fault('id-token-expired', {
      member: name,
      secondsAhead: Number(member(claims, name)) - Number(member(detail, 'now')),
    })
  }
  if (code === 'OAUTH_KEY_SELECTION_FAILED') {
    return fault('id-token-key-missing', {
      kid: told(member(header, 'kid')),
      algorithm: told(member(header, 'alg')),
    })
  }
  if (member(detail, 'reason') !== undefined) return fault('id-token-alg', { algorithm: told(member(header, 'alg')) })
  if (member(error, 'error') === 'use_dpop_nonce') return fault('idp-dpop-refused', { error: 'use_dpop_nonce' })
  if (isEncrypted(error) || code === 'OAUTH_DECRYPTION_FAILED') return fault('id-token-encrypted', facts)
  if (code === 'OAUTH_UNSUPPORTED_OPERATION') {
    return fault(member(detail, 'body') === undefined ? 'id-token-alg' : 'idp-token-type', facts)
  }
  const body = member(detail, 'body')
  if (body !== undefined)
    return fault(member(body, 'id_token') === undefined ? 'idp-no-id-token' : 'idp-token-type', facts)
  const claim =
    member(detail, 'claim') ??
    Object.keys(faultOfClaim).find((name) => name !== 'azp' && member(claims, name) === undefined)
  const id = claims === undefined ? undefined : faultOfClaim[String(claim)]
  if (id === undefined) return fault('id-token-signature', facts)
  // Names of issuers and clients may be shown; a nonce is nobody's business.
  if (claim === 'nonce') return fault(id, { member: claim })
  const named = (value: unknown) =>
    textsIn(value)
      .map((text) => text.slice(0, 300))
      .slice(0, 5)
  const [expected] = named(member(detail, 'expected'))
  return fault(id, { member: String(claim), expected, got: named(member(claims, String(claim))) })
}

import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { type Jwk, thumbprint } from '../lib/jwk.ts'
import { seconds } from '../lib/time.ts'

export type KeyAlgorithm = 'ES256' | 'ES384' | 'EdDSA'

/** A key of the wallet; `jwk` is its public half. */
export type WalletKey = { algorithm: KeyAlgorithm; privateKey: KeyObject; jwk: Jwk; thumbprint: string }

/** Makes any member of a JWT wrong: `undefined` drops it; `key` signs instead of the key that is named. */
export type JwtOverrides = { header?: Jwk; claims?: Record<string, unknown>; key?: WalletKey }

const pairs = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
}
const digests = { ES256: 'sha256', ES384: 'sha384', EdDSA: null }

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** A fresh key pair. */
export function makeKey(algorithm: KeyAlgorithm = 'ES256'): WalletKey {
  const { privateKey, publicKey } = pairs[algorithm]()
  const jwk: Jwk = { ...publicKey.export({ format: 'jwk' }) }
  return { algorithm, privateKey, jwk, thumbprint: thumbprint(jwk) }
}

/** A compact JWS over exactly these members (RFC 7515 §7.1); nothing is added or checked, so that it can also be wrong. */
export function signJwt(key: WalletKey, header: Jwk, claims: Record<string, unknown>): string {
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  const input = Buffer.from(parts.join('.'))
  const signature = sign(digests[key.algorithm], input, { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  return [...parts, signature.toString('base64url')].join('.')
}

type ProofContents = {
  /** The credential issuer's identifier. */
  audience: string
  nonce?: string | undefined
  /** Absent after an anonymous pre-authorized token request. */
  clientId?: string | undefined
  /** How the header names the key; default: by `jwk`. */
  named?: KeyName | undefined
  /** A key attestation that has the key, Appendix D. */
  keyAttestation?: string | undefined
  now: Date
}

/** A key by a DID URL or by a certificate. */
export type KeyName = { kid: string } | { x5c: string[] }

/** A key proof of type `jwt`, OpenID4VCI Appendix F.1. */
export function makeProof(key: WalletKey, contents: ProofContents, overrides: JwtOverrides = {}): string {
  const { audience, nonce, clientId, named = { jwk: key.jwk }, keyAttestation: key_attestation, now } = contents
  const header = { typ: 'openid4vci-proof+jwt', alg: key.algorithm, ...named, key_attestation, ...overrides.header }
  const claims = { iss: clientId, aud: audience, iat: seconds(now), nonce, ...overrides.claims }
  return signJwt(overrides.key ?? key, header, claims)
}

type DpopContents = {
  method: string
  url: string
  accessToken?: string | undefined
  nonce?: string | undefined
  now: Date
}

/** A DPoP proof, RFC 9449 §4.2. */
export function makeDpopProof(key: WalletKey, contents: DpopContents, overrides: JwtOverrides = {}): string {
  const { method, url, accessToken, nonce, now } = contents
  const header = { typ: 'dpop+jwt', alg: key.algorithm, jwk: key.jwk, ...overrides.header }
  const htu = new URL(url)
  htu.search = ''
  htu.hash = ''
  const ath = accessToken === undefined ? undefined : sha256(accessToken)
  const claims = { jti: randomUUID(), htm: method, htu: htu.href, iat: seconds(now), ath, nonce, ...overrides.claims }
  return signJwt(overrides.key ?? key, header, claims)
}

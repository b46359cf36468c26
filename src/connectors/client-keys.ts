import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, importJWK, type JWK } from 'jose'
import type { DecryptionKey, PrivateKey } from 'openid-client'
import type { Jwk } from '../lib/jwk.ts'

const curves: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

/** The signature algorithms that fit a key, the preferred one first (RFC 7518 §3.1, RFC 8725 §3.2). */
function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string[] {
  if (asymmetricKeyType === 'rsa') return ['PS256', 'RS256']
  if (asymmetricKeyType === 'ed25519') return ['Ed25519', 'EdDSA']
  const algorithm = curves[asymmetricKeyDetails?.namedCurve ?? '']
  return algorithm === undefined ? [] : [algorithm]
}

/** The key for signing with the first of its algorithms that the provider takes; undefined if it takes none. */
export async function signingKey(
  key: KeyObject,
  kid: string | undefined,
  offered: readonly string[] | undefined,
): Promise<PrivateKey | undefined> {
  const algorithm = algorithmsOf(key).find((one) => offered?.includes(one) ?? true)
  if (algorithm === undefined) return undefined
  const jwk = key.export({ format: 'jwk' })
  const imported = (await importJWK(jwk as JWK, algorithm)) as PrivateKey['key']
  return kid === undefined ? { key: imported } : { key: imported, kid }
}

/** The key that opens what a provider encrypted to us (RFC 7516). */
export async function decryptionKey(jwk: Jwk): Promise<DecryptionKey> {
  const [alg, kid] = [String(jwk.alg), String(jwk.kid)]
  return { key: (await importJWK(jwk as JWK, alg)) as DecryptionKey['key'], alg, kid }
}

/** The public half of a key in PEM, for a JWKS; of an RSA key without `alg`, for it has several. */
export async function publicHalf(pem: string, kid?: string): Promise<Jwk> {
  const key = createPrivateKey(pem)
  const jwk = createPublicKey(key).export({ format: 'jwk' })
  const [algorithm, ...others] = algorithmsOf(key)
  const alg = others.length === 0 && algorithm !== undefined ? { alg: algorithm } : {}
  return { ...jwk, use: 'sig', ...alg, kid: kid ?? (await calculateJwkThumbprint(jwk as JWK)) }
}

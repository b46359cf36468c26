import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { withRawSignatures } from '../lib/jwk.ts'
import type { KeyStore, Signer, SigningAlgorithm } from './signer.ts'

type Jwk = Record<string, unknown>

const pairOf = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
}
const crvOf = { ES256: 'P-256', ES384: 'P-384', EdDSA: 'Ed25519' }
const digestOf = { ES256: 'sha256', ES384: 'sha384', EdDSA: null }

/** A new private key as PKCS #8 (RFC 5958, DER), to be sealed at once, with its public half. */
export function generateKey(algorithm: SigningAlgorithm): { privateKeyPkcs8: Buffer; publicJwk: Jwk } {
  const { privateKey, publicKey } = pairOf[algorithm]()
  return {
    privateKeyPkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicJwk: { ...publicKey.export({ format: 'jwk' }) },
  }
}

/**
 * A signer whose key is in this process. Its `publicJwk` is as a JWK Set shows it, with `kid`, `use` and `alg`.
 * Throws if the key is not one for the algorithm.
 */
export function softwareSigner(key: {
  keyId: string
  algorithm: SigningAlgorithm
  privateKey: KeyObject
  certificateChain: string[]
}): Signer {
  const { keyId, algorithm, privateKey, certificateChain } = key
  const publicJwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid: keyId, use: 'sig', alg: algorithm }
  if (publicJwk.crv !== crvOf[algorithm]) throw new Error(`The key ${keyId} is no key for ${algorithm}.`)
  const signingKey = withRawSignatures(privateKey)
  return {
    keyId,
    algorithm,
    publicJwk,
    certificateChain,
    // On this thread: a signature costs less than the way to the thread pool and back.
    sign: async (bytes) => sign(digestOf[algorithm], bytes, signingKey),
  }
}

/** Keys that are kept sealed in the database. */
export const software: KeyStore = {
  kind: 'software',
  algorithms: ['ES256', 'ES384', 'EdDSA'],

  async generate(algorithm) {
    const { privateKeyPkcs8, publicJwk } = generateKey(algorithm)
    return { secret: privateKeyPkcs8, publicJwk }
  },

  async open({ secret, ...key }) {
    return softwareSigner({ ...key, privateKey: createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' }) })
  },
}

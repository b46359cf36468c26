export type SigningAlgorithm = 'ES256' | 'ES384' | 'EdDSA'

/** Signs, and is the only one to see the private key. */
export type Signer = {
  keyId: string
  algorithm: SigningAlgorithm
  publicJwk: Record<string, unknown>
  /** Base64 (not base64url) DER, leaf first, without the root (RFC 7515 §4.1.6). */
  certificateChain: string[]
  /** The raw signature as JWS wants it (RFC 7518 §3.4). */
  sign(bytes: Buffer): Promise<Buffer>
}

/** Where private keys live: in the database, sealed, or in hardware. */
export type KeyStore = {
  kind: string
  algorithms: readonly SigningAlgorithm[]
  /** Makes a key. `secret` is what the store needs to use it again (the key, or only its name), to be kept sealed. */
  generate(algorithm: SigningAlgorithm): Promise<{ secret: Buffer; publicJwk: Record<string, unknown> }>
  open(key: { keyId: string; algorithm: SigningAlgorithm; secret: Buffer; certificateChain: string[] }): Promise<Signer>
}

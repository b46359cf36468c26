import { encodeBase64url } from './base64url.ts'

/** What signs: a key behind whatever keeps it, and the certificates that go with it. */
export type Signing = {
  keyId: string
  algorithm: 'ES256' | 'ES384' | 'EdDSA'
  /** Base64 DER, leaf first, without the root. */
  certificateChain: string[]
  /** The raw signature (RFC 7518 §3.4), as COSE wants it, too. */
  sign(bytes: Buffer): Promise<Buffer>
}

/** A JWS in compact serialisation (RFC 7515 §7.1) over JSON, with `alg`, `typ`, `kid` and `x5c` in its header. */
export async function signJws(signer: Signing, typ: string, payload: Record<string, unknown>): Promise<string> {
  const x5c = signer.certificateChain.length > 0 ? signer.certificateChain : undefined
  const header = { alg: signer.algorithm, typ, kid: signer.keyId, x5c }
  const input = [header, payload].map((part) => encodeBase64url(JSON.stringify(part))).join('.')
  return `${input}.${(await signer.sign(Buffer.from(input))).toString('base64url')}`
}

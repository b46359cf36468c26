import type { Signer } from '../keys/signer.ts'
import { encodeCbor } from './cbor.ts'

type Jwk = Record<string, unknown>

/** RFC 9053 §2, and the fully specified ones of RFC 9864 that metadata may name beside them. */
export const coseAlgorithms: Record<Signer['algorithm'], readonly number[]> = {
  ES256: [-7, -9],
  ES384: [-35, -51],
  EdDSA: [-8, -19],
}

const curves: Record<string, number> = { 'P-256': 1, 'P-384': 2, 'P-521': 3, Ed25519: 6 }
const bytes = (text: unknown) => Buffer.from(String(text), 'base64url')

/** A public key as COSE_Key (RFC 9052 §7, RFC 9053 §7): EC2 or OKP, with no more than the key. */
export function coseKey({ kty, crv, x, y }: Jwk): Map<number, unknown> {
  const common: [number, unknown][] = [
    [1, kty === 'OKP' ? 1 : 2],
    [-1, curves[String(crv)]],
    [-2, bytes(x)],
  ]
  return new Map(kty === 'OKP' ? common : [...common, [-3, bytes(y)]])
}

/** COSE_Sign1 without its tag (RFC 9052 §4.2), with the certificates, leaf first, in the unprotected `x5chain` (RFC 9360 §2). */
export async function coseSign1(
  signer: Signer,
  payload: Buffer,
  protect: [number, unknown][] = [],
): Promise<unknown[]> {
  const chain = signer.certificateChain.map((one) => Buffer.from(one, 'base64'))
  const shielded = encodeCbor(new Map<number, unknown>([[1, coseAlgorithms[signer.algorithm][0]], ...protect]))
  const signature = await signer.sign(encodeCbor(['Signature1', shielded, Buffer.alloc(0), payload]))
  return [shielded, new Map([[33, chain.length === 1 ? chain[0] : chain]]), payload, signature]
}

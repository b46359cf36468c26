import { Encoder } from 'cbor-x'
import type { Signing } from './sign-jws.ts'

const encoder = new Encoder({ tagUint8Array: false, useRecords: false, mapsAsObjects: false, variableMapSize: true })

/** CBOR with definite lengths and the shortest heads (RFC 8949 §4.2.1); maps keep their order. */
export const encodeCbor = (value: unknown): Buffer => Buffer.from(encoder.encode(value))

/** RFC 9053 §2, and the fully specified ones of RFC 9864 that metadata may name beside them. */
export const coseAlgorithms: Record<Signing['algorithm'], readonly number[]> = {
  ES256: [-7, -9],
  ES384: [-35, -51],
  EdDSA: [-8, -19],
}

/** COSE_Sign1 without its tag (RFC 9052 §4.2), with the certificates, leaf first, in the unprotected `x5chain` (RFC 9360 §2). */
export async function coseSign1(
  signer: Signing,
  payload: Buffer,
  protect: [number, unknown][] = [],
): Promise<unknown[]> {
  const chain = signer.certificateChain.map((one) => Buffer.from(one, 'base64'))
  const shielded = encodeCbor(new Map<number, unknown>([[1, coseAlgorithms[signer.algorithm][0]], ...protect]))
  const signature = await signer.sign(encodeCbor(['Signature1', shielded, Buffer.alloc(0), payload]))
  return [shielded, new Map([[33, chain.length === 1 ? chain[0] : chain]]), payload, signature]
}

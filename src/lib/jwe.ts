import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, importJWK } from 'jose'
import type { Jwk } from './jwk.ts'

/** A JWE that does not open. The message is a fixed sentence for a developer and holds no value. */
export class InvalidJwe extends Error {}

export const contentEncryptions = ['A128GCM', 'A256GCM'] as const
export type ContentEncryption = (typeof contentEncryptions)[number]

/** The curves that messages are encrypted to by ECDH-ES (RFC 7518 §4.6). */
export const agreementCurves = ['P-256', 'P-384', 'P-521']

/** A compact JWE by ECDH-ES, directly for the key (RFC 7516 §7.1, RFC 7518 §4.6); `kid` is copied where the key has one. */
export async function encryptJwe(
  plaintext: string,
  { jwk, enc, zip }: { jwk: Jwk; enc: ContentEncryption; zip: 'DEF' | undefined },
): Promise<string> {
  const kid = typeof jwk.kid === 'string' ? { kid: jwk.kid } : {}
  return new CompactEncrypt(Buffer.from(plaintext))
    .setProtectedHeader({ alg: 'ECDH-ES', enc, ...kid, ...(zip && { zip }) })
    .encrypt(await importJWK(jwk, 'ECDH-ES'))
}

/**
 * The plaintext of a compact JWE by ECDH-ES. `keyOf` finds the private key by `kid`. What is compressed opens to `mostBytes` at most.
 * Throws `InvalidJwe`.
 */
export async function decryptJwe(
  jwe: string,
  keyOf: (kid: string) => Promise<Jwk | undefined> | Jwk | undefined,
  mostBytes: number,
): Promise<string> {
  const jwk = await keyOf(kidOf(jwe))
  if (!jwk) throw new InvalidJwe('The kid of the JWE is of no key of this issuer.')
  try {
    const { plaintext } = await compactDecrypt(jwe, await importJWK(jwk, 'ECDH-ES'), {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: [...contentEncryptions],
      maxDecompressedLength: mostBytes,
    })
    return Buffer.from(plaintext).toString('utf8')
  } catch {
    throw new InvalidJwe('The JWE does not open, or is not by ECDH-ES with A128GCM or A256GCM.')
  }
}

function kidOf(jwe: string): string {
  try {
    const { kid } = decodeProtectedHeader(jwe)
    return typeof kid === 'string' ? kid : ''
  } catch {
    throw new InvalidJwe('This is no compact JWE.')
  }
}

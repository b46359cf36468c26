import { type ContentEncryption, decryptJwe, encryptJwe } from '../lib/jwe.ts'
import { WalletError } from './errors.ts'
import { makeKey } from './keys.ts'
import type { Metadata } from './metadata.ts'

/** How a wallet encrypts one request and reads its answer, OpenID4VCI §10. */
export type MessageEncryption = {
  /** The request's member that asks for an encrypted response. */
  asked: Record<string, unknown>
  encrypt(json: string): Promise<string>
  decrypt(jwe: string): Promise<string>
}

type Options = { enc?: ContentEncryption; zip?: 'DEF' }

const mostBytes = 5_000_000

/** With a fresh key for the answer and the issuer's first key for the request. */
export function makeEncryption({ issuer }: Metadata, { enc = 'A128GCM', zip }: Options = {}): MessageEncryption {
  const jwk = issuer.credential_request_encryption?.jwks.keys[0]
  if (!jwk) throw new WalletError('invalid_metadata', 'The issuer does not take encrypted requests.')
  const key = makeKey()
  const name = { kid: key.thumbprint, alg: 'ECDH-ES', use: 'enc' }
  const closed = { ...key.privateKey.export({ format: 'jwk' }), ...name }
  return {
    asked: { jwk: { ...key.jwk, ...name }, enc, ...(zip && { zip }) },
    encrypt: (json) => encryptJwe(json, { jwk, enc, zip }),
    decrypt: (jwe) => decryptJwe(jwe, (kid) => (kid === name.kid ? closed : undefined), mostBytes),
  }
}

import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'

/** How a response is to be encrypted: the wallet's key and what goes with it (OpenID4VCI §8.2). */
export type ResponseEncryption = { jwk: Record<string, unknown>; enc: string; zip: 'DEF' | undefined }

/**
 * What a request wants of its response, or undefined for a plain one.
 * @throws ProtocolError `invalid_encryption_parameters`
 */
export function chooseResponseEncryption(
  _issuer: LiveIssuer,
  wanted: unknown,
  _encrypted: boolean,
): ResponseEncryption | undefined {
  if (wanted !== undefined)
    throw new ProtocolError('invalid_encryption_parameters', 'This issuer does not encrypt responses.')
  return undefined
}

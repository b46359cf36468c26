import { z } from 'zod'
import { ProtocolError } from './errors.ts'

/** Deferred Credential Request, OpenID4VCI §9.1. Unknown members are ignored. */
const DeferredCredentialRequest = z.object({
  transaction_id: z.string().min(1).max(300),
  credential_response_encryption: z.unknown().optional(),
})

export type DeferredCredentialRequest = {
  transactionId: string
  /** `credential_response_encryption`, unread. Only this one counts, not that of the credential request (VCI-85). */
  responseEncryption: unknown
}

/** @throws ProtocolError `invalid_credential_request` for what is no such request (§9.3) */
export function parseDeferredCredentialRequest(body: unknown): DeferredCredentialRequest {
  const parsed = DeferredCredentialRequest.safeParse(body)
  if (!parsed.success) {
    const message = 'The request is malformed: it is a JSON object with a transaction_id, which is a string.'
    throw new ProtocolError('invalid_credential_request', message)
  }
  const { transaction_id: transactionId, credential_response_encryption: responseEncryption } = parsed.data
  return { transactionId, responseEncryption }
}

import { z } from 'zod'
import { ProtocolError } from './errors.ts'

const id = z.string().min(1).max(300)

/** Credential Request, OpenID4VCI §8.2. Unknown members are ignored (VCI-67). */
const CredentialRequest = z.object({
  credential_identifier: id.optional(),
  credential_configuration_id: id.optional(),
  proofs: z.unknown().optional(),
  credential_response_encryption: z.unknown().optional(),
})

export type CredentialRequest = {
  selector: { credentialIdentifier: string } | { configurationId: string }
  proofs: unknown
  /** `credential_response_encryption`, unread. */
  responseEncryption: unknown
}

const refused = (message: string) => new ProtocolError('invalid_credential_request', message)

/** @throws ProtocolError `invalid_credential_request`, never the generic `invalid_request` (VCI-79) */
export function parseCredentialRequest(body: unknown): CredentialRequest {
  const parsed = CredentialRequest.safeParse(body)
  if (!parsed.success)
    throw refused('The request is malformed: it is a JSON object with proofs and one selector, which is a string.')
  const { credential_identifier, credential_configuration_id, proofs, credential_response_encryption } = parsed.data
  if ((credential_identifier === undefined) === (credential_configuration_id === undefined)) {
    throw refused('The request needs exactly one of credential_identifier and credential_configuration_id.')
  }
  const selector =
    credential_identifier !== undefined
      ? { credentialIdentifier: credential_identifier }
      : { configurationId: credential_configuration_id as string }
  return { selector, proofs, responseEncryption: credential_response_encryption }
}

/** Credential Response, OpenID4VCI §8.3. */
export type CredentialResponse =
  | { credentials: { credential: string }[]; notification_id?: string }
  | { transaction_id: string; interval: number }

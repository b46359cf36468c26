import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { narrowedTo, type TokenRequest } from '../protocol/token.ts'

/** Who sent a request to the authorization server, as far as it was proven. */
export type Sender = {
  /** Proven where `authentication` is not `none`. */
  clientId: string | undefined
  authentication: 'none' | 'private_key_jwt' | 'attest_jwt_client_auth'
  /** The thumbprint of the proven DPoP key. */
  keyThumbprint: string | undefined
  /** The thumbprint of the wallet instance's key, the `cnf` of its attestation. */
  attestationKey: string | undefined
  /** Who attested the wallet, and what it calls it. */
  attesterId?: string
  name?: string | undefined
}

/**
 * The configurations that a token request narrows a grant to, OpenID4VCI §6.1.1, or undefined.
 * @throws ProtocolError `invalid_authorization_details` if it reaches beyond what was granted (VCI-48)
 */
export function checkNarrowing(request: TokenRequest, issuer: LiveIssuer, granted: string[]): string[] | undefined {
  const narrowed = narrowedTo(request, issuer.identifier)?.map(({ configurationId }) => configurationId)
  if (narrowed?.some((id) => !granted.includes(id))) {
    throw new ProtocolError('invalid_authorization_details', 'The request reaches beyond what was granted.')
  }
  return narrowed
}

import { z } from 'zod'
import { type CredentialDetail, readAuthorizationDetails } from './authorization-request.ts'
import { ProtocolError } from './errors.ts'
import { parse } from './parse.ts'

export const preAuthorizedCodeGrant = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

// Without a length: a code, PIN or verifier that is too long is a wrong one, and that is `invalid_grant` (VCI-53).
const secret = z.string().min(1)

export const PreAuthorizedCodeRequest = z.object({
  grant_type: z.literal(preAuthorizedCodeGrant),
  'pre-authorized_code': secret,
  tx_code: secret.optional(),
  client_id: z.string().min(1).max(255).optional(),
  authorization_details: z.string().max(20_000).optional(),
  resource: z.string().optional(),
})
export type PreAuthorizedCodeRequest = z.infer<typeof PreAuthorizedCodeRequest>

export const AuthorizationCodeRequest = z.object({
  grant_type: z.literal('authorization_code'),
  code: secret,
  client_id: z.string().min(1).max(255).optional(),
  redirect_uri: z.string().max(2000).optional(),
  code_verifier: secret.optional(),
  authorization_details: z.string().max(20_000).optional(),
  resource: z.string().optional(),
})
export type AuthorizationCodeRequest = z.infer<typeof AuthorizationCodeRequest>

export const RefreshTokenRequest = z.object({
  grant_type: z.literal('refresh_token'),
  refresh_token: secret,
  client_id: z.string().min(1).max(255).optional(),
  scope: z.string().max(2000).optional(),
  authorization_details: z.string().max(20_000).optional(),
  resource: z.string().optional(),
})
export type RefreshTokenRequest = z.infer<typeof RefreshTokenRequest>

export type TokenRequest = PreAuthorizedCodeRequest | AuthorizationCodeRequest | RefreshTokenRequest

/** Token Request, OpenID4VCI §6.1. Unknown parameters are ignored; those without a value count as absent (RFC 6749 §3.2). */
export function parseTokenRequest(form: URLSearchParams): TokenRequest {
  const members = Object.fromEntries([...form].filter(([, value]) => value !== ''))
  switch (members.grant_type) {
    case preAuthorizedCodeGrant:
      return parse(PreAuthorizedCodeRequest, members)
    case 'authorization_code':
      if (members.tx_code !== undefined)
        throw new ProtocolError('invalid_request', 'A tx_code goes only with a pre-authorized code.')
      return parse(AuthorizationCodeRequest, members)
    case 'refresh_token':
      return parse(RefreshTokenRequest, members)
    case undefined:
      throw new ProtocolError('invalid_request', 'The request has no grant_type.')
    default:
      throw new ProtocolError('unsupported_grant_type', 'This grant_type is not served here.')
  }
}

/** The credentials that a token request narrows its grant to (OpenID4VCI §6.1.1), or undefined. */
export const narrowedTo = (request: TokenRequest, issuer: string): CredentialDetail[] | undefined =>
  request.authorization_details === undefined
    ? undefined
    : readAuthorizationDetails(request.authorization_details, issuer)

/** Token Response, OpenID4VCI §6.2. */
export type TokenResponse = {
  access_token: string
  token_type: 'Bearer' | 'DPoP'
  expires_in: number
  refresh_token?: string
  scope?: string
  authorization_details?: {
    type: 'openid_credential'
    credential_configuration_id: string
    credential_identifiers: string[]
  }[]
}

import { z } from 'zod'
import { ProtocolError } from './errors.ts'
import { parse } from './parse.ts'

export const preAuthorizedCodeGrant = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

// Without a length: a code, PIN or verifier that is too long is a wrong one, and that is `invalid_grant` (VCI-53).
const secret = z.string().min(1)

const Narrowing = z
  .array(z.looseObject({ type: z.string(), credential_configuration_id: z.string().optional() }))
  .min(1)
  .max(50)

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

export type TokenRequest = PreAuthorizedCodeRequest | AuthorizationCodeRequest

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
    case undefined:
      throw new ProtocolError('invalid_request', 'The request has no grant_type.')
    default:
      throw new ProtocolError('unsupported_grant_type', 'This grant_type is not served here.')
  }
}

/** The configurations that the token request narrows the grant to (OpenID4VCI §6.1.1), or undefined. */
export function narrowedTo(request: TokenRequest, issuer: string): string[] | undefined {
  if (request.authorization_details === undefined) return undefined
  const refused = (message: string) => new ProtocolError('invalid_authorization_details', message)
  let json: unknown
  try {
    json = JSON.parse(request.authorization_details)
  } catch {
    throw refused('authorization_details is not JSON.')
  }
  const details = parse(Narrowing, json, 'invalid_authorization_details')
  return details.map((detail) => {
    if (detail.type !== 'openid_credential')
      throw refused('An authorization detail is of a type that is not served here.')
    if (Array.isArray(detail.locations) && !detail.locations.includes(issuer))
      throw refused('locations names another issuer.')
    if (detail.credential_configuration_id === undefined) throw refused('credential_configuration_id is missing.')
    return detail.credential_configuration_id
  })
}

/** Token Response, OpenID4VCI §6.2. */
export type TokenResponse = {
  access_token: string
  token_type: 'Bearer' | 'DPoP'
  expires_in: number
  scope?: string
  authorization_details?: {
    type: 'openid_credential'
    credential_configuration_id: string
    credential_identifiers: string[]
  }[]
}

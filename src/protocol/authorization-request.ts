import { z } from 'zod'
import { type ClaimsPath, contradictory, WantedClaims } from './claims-path.ts'
import { ProtocolError } from './errors.ts'
import { parse } from './parse.ts'

const Return = z.object({
  client_id: z.string().regex(/^[\x20-\x7e]{1,255}$/),
  redirect_uri: z.string().max(2000),
  state: z.string().max(2048).optional(),
})
/** Where the answer to an authorization request goes. */
export type ReturnAddress = z.infer<typeof Return>

const Detail = z.looseObject({
  type: z.string(),
  credential_configuration_id: z.string().optional(),
  locations: z.array(z.string()).optional(),
  claims: WantedClaims.optional(),
})
/** One `openid_credential`: what is asked for, and the claims without which the wallet does not want it. */
export type CredentialDetail = { configurationId: string; mandatory: ClaimsPath[] }
const Details = z.array(Detail).min(1).max(50)

const Request = z.object({
  response_mode: z.literal('query').optional(),
  // A challenge by S256 is a SHA-256 in base64url, so of this length.
  code_challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  code_challenge_method: z.literal('S256'),
  scope: z.string().max(2000).optional(),
  authorization_details: z.string().max(20_000).optional(),
  issuer_state: z.string().max(500).optional(),
  dpop_jkt: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional(),
  login_hint: z.string().max(200).optional(),
  idp_hint: z.string().max(63).optional(),
  domain_hint: z.string().max(253).optional(),
})
export type AuthorizationRequest = {
  codeChallenge: string
  /** The values of `scope`, known here or not. */
  scopes: string[]
  /** `authorization_details`; undefined if there were none. */
  details: CredentialDetail[] | undefined
  issuerState: string | undefined
  dpopThumbprint: string | undefined
  loginHint: string | undefined
  /** Where the wallet would have the person sign in: the id of an identity provider, the domain of an e-mail address. */
  providerHint: string | undefined
  domainHint: string | undefined
}

/** A parameter without a value counts as absent (RFC 6749 §3.1). */
const membersOf = (parameters: URLSearchParams) =>
  Object.fromEntries([...parameters].filter(([, value]) => value !== ''))

/**
 * What has to be known before anybody can be answered: RFC 6749 §4.1.1. It proves nothing.
 * @throws ProtocolError `invalid_request`
 */
export const readReturnAddress = (parameters: URLSearchParams): ReturnAddress => parse(Return, membersOf(parameters))

/**
 * Authorization Request, OpenID4VCI §5.1 with PKCE by S256 (RFC 7636), for the issuer of this identifier. Unknown parameters are ignored.
 * @throws ProtocolError `invalid_request`, `unsupported_response_type`, `request_not_supported`, `invalid_target`,
 * `invalid_authorization_details`
 */
export function readAuthorizationRequest(parameters: URLSearchParams, issuer: string): AuthorizationRequest {
  const members = membersOf(parameters)
  if (members.request !== undefined)
    throw new ProtocolError('request_not_supported', 'Request objects are not served here.')
  if (members.request_uri !== undefined)
    throw new ProtocolError('invalid_request', 'A request_uri has no place in this request.')
  if (members.response_type === undefined)
    throw new ProtocolError('invalid_request', 'The request has no response_type.')
  if (members.response_type !== 'code')
    throw new ProtocolError('unsupported_response_type', 'The only response_type served here is code.')
  if (members.code_challenge === undefined || members.code_challenge_method !== 'S256')
    throw new ProtocolError('invalid_request', 'The request needs a code_challenge by S256 (RFC 7636).')
  if (members.resource !== undefined && members.resource !== issuer)
    throw new ProtocolError('invalid_target', 'The resource is not this issuer.')
  const request = parse(Request, members)
  return {
    codeChallenge: request.code_challenge,
    scopes: [...new Set(request.scope?.split(' ').filter(Boolean))],
    details:
      request.authorization_details === undefined
        ? undefined
        : readAuthorizationDetails(request.authorization_details, issuer),
    issuerState: request.issuer_state,
    dpopThumbprint: request.dpop_jkt,
    loginHint: request.login_hint,
    providerHint: request.idp_hint,
    domainHint: request.domain_hint,
  }
}

/**
 * `authorization_details`, OpenID4VCI §5.1.1, §6.1.1 and RFC 9396 §5: unknown members are ignored, unknown types refused.
 * @throws ProtocolError `invalid_authorization_details`
 */
export function readAuthorizationDetails(text: string, issuer: string): CredentialDetail[] {
  const refused = (message: string) => new ProtocolError('invalid_authorization_details', message)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw refused('authorization_details is not JSON.')
  }
  return parse(Details, json, 'invalid_authorization_details').map((detail) => {
    if (detail.type !== 'openid_credential')
      throw refused('An authorization detail is of a type that is not served here.')
    if (detail.locations && !detail.locations.includes(issuer)) throw refused('locations names another issuer.')
    if (detail.credential_configuration_id === undefined) throw refused('credential_configuration_id is missing.')
    const { credential_configuration_id: configurationId, claims = [] } = detail
    if (contradictory(claims)) throw refused('Two paths of claims contradict each other.')
    return { configurationId, mandatory: claims.filter(({ mandatory }) => mandatory).map(({ path }) => path) }
  })
}

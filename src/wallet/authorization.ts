import { createHash, randomBytes } from 'node:crypto'
import type { Answer } from './answer.ts'
import { WalletError } from './errors.ts'
import { encodeForm, type Form, type Overrides, send, type Wallet } from './exchange.ts'
import type { Metadata } from './metadata.ts'

/** A random value for `code_verifier` (RFC 7636 §4.1) or `state`. */
export const makeRandom = (): string => randomBytes(32).toString('base64url')

/** `code_challenge` of a verifier by S256, RFC 7636 §4.2. */
export const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

export type AuthorizationOptions = {
  clientId: string
  redirectUri: string
  configurationIds: string[]
  issuerState?: string | undefined
  state?: string | undefined
  codeVerifier: string
}

/** The authorization request for some credential configurations by `authorization_details`, OpenID4VCI §5.1.1. */
export function authorizationRequest({ issuer }: Metadata, options: AuthorizationOptions): Form {
  // `locations` only where the issuer names its authorization servers (§5.1.1).
  const locations = issuer.authorization_servers && [issuer.credential_issuer]
  return {
    response_type: 'code',
    client_id: options.clientId,
    redirect_uri: options.redirectUri,
    state: options.state,
    code_challenge: challengeOf(options.codeVerifier),
    code_challenge_method: 'S256',
    issuer_state: options.issuerState,
    authorization_details: options.configurationIds.map((id) => ({
      type: 'openid_credential',
      credential_configuration_id: id,
      locations,
    })),
  }
}

/** Pushes an authorization request, RFC 9126 §2.1; the answer as it came. */
export async function pushAuthorizationRequest(
  wallet: Wallet,
  { authorizationServer }: Metadata,
  request: Form,
  overrides?: Overrides,
): Promise<Answer> {
  const url = authorizationServer.pushed_authorization_request_endpoint
  if (!url) throw new WalletError('invalid_metadata', 'The authorization server has no endpoint for pushed requests.')
  return send(wallet, { url, form: request }, overrides)
}

/** Where the browser goes: with a whole request, or with the `client_id` and `request_uri` of a pushed one. */
export function authorizationUrl({ authorizationServer }: Metadata, request: Form): URL {
  if (!authorizationServer.authorization_endpoint) {
    throw new WalletError('invalid_metadata', 'The authorization server has no authorization endpoint.')
  }
  const url = new URL(authorizationServer.authorization_endpoint)
  for (const [name, value] of encodeForm(request)) url.searchParams.append(name, value)
  return url
}

/**
 * The code of an authorization response (RFC 6749 §4.1.2), after its `state` and `iss` (RFC 9207 §2.4) were compared.
 * Throws what the server answered, or `invalid_response`.
 */
export function readAuthorizationResponse(
  { authorizationServer }: Metadata,
  query: URLSearchParams,
  state: string | undefined,
): string {
  if ((query.get('state') ?? undefined) !== state) {
    throw new WalletError('invalid_response', 'The answer carries another state than the request.')
  }
  const issuer = query.get('iss')
  const missing = issuer === null && authorizationServer.authorization_response_iss_parameter_supported
  if (missing || (issuer !== null && issuer !== authorizationServer.issuer)) {
    throw new WalletError('invalid_response', 'The answer comes from another authorization server.')
  }
  const error = query.get('error')
  if (error !== null) throw new WalletError(error, query.get('error_description') ?? 'It says no more.')
  const code = query.get('code')
  if (!code) throw new WalletError('invalid_response', 'The answer has neither code nor error.')
  return code
}

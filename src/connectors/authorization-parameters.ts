import type * as client from 'openid-client'
import { hash } from '../lib/secrets.ts'
import type { BeginOptions, SignInMemory } from './connector.ts'
import type { Product } from './product.ts'

/** The `claims` parameter (OIDC Core §5.5), where the provider reads it and something is to be said by it: each claim voluntary, so that no provider fails for one. */
function claimsRequest({ needed }: BeginOptions, metadata: client.ServerMetadata): { claims?: string } {
  if (!needed || !metadata.claims_parameter_supported) return {}
  const members = (['id_token', 'userinfo'] as const).filter((member) => needed[member].length > 0)
  if (members.length === 0) return {}
  const asked = members.map((member) => [member, Object.fromEntries(needed[member].map((name) => [name, null]))])
  return { claims: JSON.stringify(Object.fromEntries(asked)) }
}

/** What a sign-in asks for: the issuer's scopes, or else those of the provider's settings, or else what is needed. */
export function scopeOf({ scope: own, needed }: Pick<BeginOptions, 'scope' | 'needed'>, settings?: string): string {
  const scope = own ?? settings ?? needed?.scope ?? 'openid profile email'
  return scope.split(' ').includes('openid') ? scope : `openid ${scope}`
}

/**
 * What asks for a refresh token: the scope of OIDC Core §11 where the provider names it, or else Google's parameter, which others do not
 * know and so pass over (RFC 6749 §3.1).
 */
function offlineRequest(
  scope: string,
  prompt: string | undefined,
  { scopes_supported }: client.ServerMetadata,
  { offline = { prompt: 'consent' } }: Product,
): Record<string, string> {
  const prompts = [prompt, offline.prompt].filter((one) => one !== undefined)
  const both = prompts.length > 0 && { prompt: [...new Set(prompts.join(' ').split(' '))].join(' ') }
  if (!scopes_supported?.includes('offline_access')) return { ...offline, ...both, access_type: 'offline' }
  return { ...offline, ...both, scope: [...new Set([...scope.split(' '), 'offline_access'])].join(' ') }
}

/**
 * The authorization request of a sign-in: OIDC Core §3.1.2.1 with PKCE by S256 (RFC 7636 §4.3). What the rules of an administrator add never takes
 * the place of what the flow sets.
 */
export function authorizationParameters(
  options: BeginOptions,
  memory: SignInMemory,
  metadata: client.ServerMetadata,
  product: Product,
  ownScope?: string,
) {
  const scope = scopeOf(options, ownScope)
  const { loginHint, acrValues, maxAge, locales, prompt, parameters } = options
  return {
    ...claimsRequest(options, metadata),
    ...parameters,
    ...(metadata.response_modes_supported?.includes('query') && { response_mode: 'query' }),
    ...(loginHint !== undefined && { login_hint: loginHint }),
    ...(acrValues !== undefined && { acr_values: acrValues.join(' ') }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
    ...(locales !== undefined && { ui_locales: locales }),
    ...(prompt !== undefined && { prompt }),
    response_type: 'code',
    redirect_uri: memory.redirectUri,
    scope,
    ...(options.offline && offlineRequest(scope, prompt, metadata, product)),
    state: memory.state,
    nonce: memory.nonce,
    code_challenge: hash(memory.codeVerifier),
    code_challenge_method: 'S256',
  }
}

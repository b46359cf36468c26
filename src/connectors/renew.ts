import * as client from 'openid-client'
import { isObject } from '../lib/json.ts'
import type { ProtocolError } from '../protocol/errors.ts'
import { boundBy } from './bound-tokens.ts'
import type { Account, ClientKeys, SignIn, Upstream, UpstreamRenewal } from './connector.ts'
import type { Provider, ProviderSettings } from './discovery.ts'
import { type Facts, type FaultId, fault } from './faults.ts'
import { checkIdToken, faultOfIdToken } from './id-token.ts'
import type { Product } from './product.ts'
import { keepingAnswer, verified } from './relying-party.ts'
import { fetchUserInfo } from './userinfo.ts'

/** The provider wants to see the person again, which says nothing about whether they have left. */
const personWanted = new Set<FaultId>([
  'idp-code-refused',
  'idp-consent-required',
  'idp-declined',
  'idp-login-required',
  'idp-not-assigned',
  'idp-policy-blocked',
  'idp-wrong-directory',
])

/** What a fault of the provider means to a wallet that renews. What passes, and what a setting mends, leaves its refresh token good. */
export function faultOfRenewal(error: unknown): ProtocolError {
  const found = faultOfIdToken(error)
  const { fault: id, ...facts } = (found.cause ?? {}) as { fault?: FaultId } & Facts
  if (id === undefined || id.startsWith('refresh-')) return found
  const told = { upstream: id, ...facts }
  if (id === 'idp-user-disabled' || id === 'admin-api-user-missing') return fault('refresh-account-ended', told)
  if (personWanted.has(id)) return fault('refresh-session-ended', told)
  return fault('refresh-unavailable', told, found.retryAfter)
}

/** `fetch` that hands on the refresh token of a token response before the response itself, for from then on the old one may be spent. */
const keepingToken =
  (fetch: client.CustomFetch, keep: (refreshToken: string) => Promise<void>): client.CustomFetch =>
  async (url, options) => {
    const response = await fetch(url, options)
    const body: unknown = response.ok ? await response.clone().json() : undefined
    if (isObject(body) && typeof body.refresh_token === 'string') await keep(body.refresh_token)
    return response
  }

/** Successful refresh response, OIDC Core §12.2: of the same provider, person and sign-in as the ID token of before. */
function checkSame(claims: client.IDToken, before: UpstreamRenewal): void {
  const differs = (member: string) => fault('refresh-other-account', { member })
  if (claims.iss !== before.issuer) throw differs('iss')
  if (claims.sub !== before.subject) throw differs('sub')
  if (claims.nonce !== undefined && claims.nonce !== before.nonce) throw differs('nonce')
  if (claims.auth_time !== undefined && before.authTime !== undefined && claims.auth_time !== before.authTime)
    throw differs('auth_time')
}

type Renewing = {
  provider: Provider
  settings: ProviderSettings
  us: { keys: ClientKeys; product: Product }
  account: (claims: client.IDToken) => Account
  now: Date
}

/** Refresh request, OIDC Core §12.1, as {@link Upstream.renew} has it. A provider that sends no ID token again tells claims by UserInfo alone. */
export async function renewSignIn(
  { provider, settings, us, account, now }: Renewing,
  ...[before, keep, readsUserinfo]: Parameters<Upstream['renew']>
): Promise<SignIn> {
  const dpop = await boundBy(provider, settings)
  const binding = dpop && { DPoP: dpop }
  const asking: Provider = { ...provider, fetch: keepingAnswer(keepingToken(provider.fetch, keep)) }
  const tokens = await verified(asking, us, (configuration) =>
    client.refreshTokenGrant(configuration, before.refreshToken, undefined, binding),
  )
  const [claims, accessToken] = [tokens.claims(), tokens.access_token]
  const idToken = client.getDecryptedResponses(tokens) ?? String(tokens.id_token)
  const isBound = tokens.token_type === 'dpop'
  if (settings.dpop === 'required' && !isBound) throw fault('idp-dpop-refused', { type: tokens.token_type })
  if (claims) {
    checkSame(claims, before)
    checkIdToken({ idToken, accessToken, claims, memory: {}, clientId: settings.client_id, now })
  }
  const { subject, issuer } = before
  const proof = isBound ? binding : undefined
  const userinfo = readsUserinfo || !claims ? await fetchUserInfo(provider, us, { accessToken, subject, proof }) : {}
  return {
    account: account(claims ?? ({ iss: issuer, sub: subject } as client.IDToken)),
    id_token: { ...claims },
    userinfo,
  }
}

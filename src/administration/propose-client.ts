import type { AdminRole } from '../connectors/keycloak-admin.ts'
import type { Realm } from '../connectors/keycloak-realm.ts'
import { type Found, isSymmetric, type ProposedClaim } from './propose-evidence.ts'

/** Where Claimgate is for Keycloak. */
export type Place = { publicUrl: string; tenant: string; provider: string }

/** The roles of `realm-management` that the service account needs for these claims; none: it needs no service account. */
export const adminRolesOf = (claims: readonly ProposedClaim[]): AdminRole[] =>
  [...new Set(claims.flatMap(({ adminRoles }) => adminRoles))].toSorted()

/** What `max_age` and `acr_values` of an issuer are checked by: `auth_time` and `acr`. */
const aboutSignIn = ['basic', 'acr']

/**
 * The client at Keycloak that goes with a proposed tenant file, as `kcadm create clients -f` and the console's import take it: one redirect
 * URI, PKCE, pushed requests, authentication by the key that Claimgate publishes, and only the scopes
 * and mappers behind the claims and the checks of a sign-in.
 */
export function proposeClient(
  { scopes, defaultSignatureAlgorithm }: Realm,
  clientId: string,
  { claims, used }: { claims: readonly ProposedClaim[]; used: readonly Found[] },
  { publicUrl, tenant, provider }: Place,
): Record<string, unknown> {
  const redirectUri = `${publicUrl}/${tenant}/callback/${provider}`
  const needed = new Set([
    ...aboutSignIn.filter((scope) => scopes.has(scope)),
    ...used.flatMap(({ scope }) => scope ?? []),
  ])
  const own = used.flatMap(({ scope, mapper }) => (scope === undefined ? [mapper] : []))
  const asksAdminApi = adminRolesOf(claims).length > 0
  // Without the full scope tokens hold no role that is not assigned to the client's scope one by one; so does the service account's.
  const readsRoles = used.some(({ told }) => told.kind === 'realm roles' || told.kind === 'client roles')
  return {
    clientId,
    name: 'Claimgate',
    protocol: 'openid-connect',
    enabled: true,
    publicClient: false,
    clientAuthenticatorType: 'client-jwt',
    standardFlowEnabled: true,
    implicitFlowEnabled: false,
    directAccessGrantsEnabled: false,
    serviceAccountsEnabled: asksAdminApi,
    fullScopeAllowed: asksAdminApi || readsRoles,
    redirectUris: [redirectUri],
    webOrigins: [],
    attributes: {
      'use.jwks.url': 'true',
      'jwks.url': `${redirectUri}/jwks`,
      'token.endpoint.auth.signing.alg': 'ES256',
      'pkce.code.challenge.method': 'S256',
      'require.pushed.authorization.requests': 'true',
      ...(isSymmetric(defaultSignatureAlgorithm) && { 'id.token.signed.response.alg': 'RS256' }),
    },
    defaultClientScopes: [...needed].toSorted(),
    // Asked for only where claims are renewed by the provider's refresh token; without it Keycloak would refuse that sign-in.
    optionalClientScopes: ['offline_access'],
    protocolMappers: own.map(({ name, protocolMapper, config }) => ({
      ...{ name, protocol: 'openid-connect', protocolMapper, consentRequired: false },
      config: Object.fromEntries(config),
    })),
  }
}

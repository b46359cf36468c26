import { z } from 'zod'
import type { Connector } from './connector.ts'
import type { Dialect } from './endpoints.ts'
import { clientSettings, connectOpenId, ProviderUrl } from './oidc.ts'

const Settings = z.strictObject({
  /** Where Keycloak is, with its relative path if it has one, such as `https://login.acme.example` or `…/auth`. */
  url: ProviderUrl,
  realm: z.string().min(1).max(255),
  ...clientSettings,
  /** The alias of an identity provider behind Keycloak that people go to at once. */
  idp_hint: z.string().min(1).max(255).optional(),
})

/** Keycloak's own words: it answers a wrong secret and a disabled account otherwise than RFC 6749 §5.2 would have it. */
const dialect: Dialect = ({ endpoint, status, error, description }) => {
  if (endpoint === 'authorization') {
    if (error === 'temporarily_unavailable' && description === 'authentication_expired') return 'idp-session-restarted'
    if (error === 'invalid_request' && description.startsWith('Pushed Authorization Request')) return 'idp-par-required'
    return undefined
  }
  if (status === 401 && error === 'unauthorized_client') return 'idp-secret-wrong'
  if (status === 401 && error === 'invalid_client') return 'idp-client-unknown'
  if (status === 403 && error === 'access_denied') return 'idp-realm-off'
  if (error === 'invalid_grant' && description === 'User disabled') return 'idp-user-disabled'
  return error === 'invalid_request' && description.startsWith('DPoP proof') ? 'idp-dpop-refused' : undefined
}

/** A realm of Keycloak. */
export const keycloak: Connector<z.infer<typeof Settings>> = {
  kind: 'keycloak',
  settings: Settings,
  secrets: ['client_secret'],

  connect(needs, { url, realm, idp_hint, ...settings }) {
    const issuer = `${url.replace(/\/+$/, '')}/realms/${encodeURIComponent(realm)}`
    const upstream = connectOpenId(needs, { issuer, ...settings }, { dialect })
    if (idp_hint === undefined) return upstream
    const hinted = { kc_idp_hint: idp_hint }
    return {
      ...upstream,
      begin: (options) => upstream.begin({ ...options, parameters: { ...hinted, ...options.parameters } }),
    }
  },
}

import { z } from 'zod'
import { scopeOf } from './authorization-parameters.ts'
import { checkClient, clientSecrets, clientSettings, ProviderUrl } from './client-settings.ts'
import type { Connector, ConnectorNeeds, Upstream } from './connector.ts'
import type { Dialect } from './endpoints.ts'
import { issuerOfRealm, openAdmin } from './keycloak-admin.ts'
import { previewSignIn } from './keycloak-preview.ts'
import { findPerson, userMembers } from './keycloak-user.ts'
import { connectOpenId } from './oidc.ts'

const Settings = z
  .strictObject({
    /** Where Keycloak is, with its relative path if it has one, such as `https://login.acme.example` or `…/auth`. */
    url: ProviderUrl,
    realm: z.string().min(1).max(255),
    ...clientSettings,
    /** The alias of an identity provider behind Keycloak that people go to at once. */
    idp_hint: z.string().min(1).max(255).optional(),
    /** Whether rules may read `user`: the person as the Admin API knows them. */
    admin_api: z.boolean().default(false),
    /** Whose service account asks the Admin API; default: that of the sign-in's client. */
    admin_client_id: z.string().min(1).max(255).optional(),
    admin_client_secret: z.string().min(1).max(2000).optional(),
    /** The clients whose roles rules may read, as `user.client_roles.{client id}`. */
    client_roles: z.array(z.string().min(1).max(255)).min(1).max(10).optional(),
  })
  .superRefine((settings, context) => {
    const { admin_api, admin_client_id: id, admin_client_secret: secret } = settings
    const wrong = (member: string, message: string) => context.addIssue({ code: 'custom', path: [member], message })
    for (const member of ['admin_client_id', 'admin_client_secret', 'client_roles'] as const)
      if (!admin_api && settings[member] !== undefined) wrong(member, 'This has a meaning only with admin_api: true.')
    if (id !== undefined && secret === undefined) wrong('admin_client_id', 'This needs its admin_client_secret.')
    if (id === undefined && secret !== undefined) wrong('admin_client_secret', 'This needs its admin_client_id.')
  })
  .superRefine(checkClient)
type Settings = z.infer<typeof Settings>

/** Keycloak's own words: it answers a wrong secret and a disabled account otherwise than RFC 6749 §5.2 would have it. */
const dialect: Dialect = ({ endpoint, status, error, description }) => {
  if (endpoint === 'authorization') {
    const isRestarted = error === 'temporarily_unavailable' && description === 'authentication_expired'
    return isRestarted ? 'idp-session-restarted' : undefined
  }
  if (endpoint === 'par' && description.startsWith('Invalid scopes')) return 'idp-scope-unknown'
  if (error === 'invalid_client' && description.startsWith('Parameter client_assertion')) return 'idp-auth-method'
  if (status === 400 && error === 'invalid_client') return 'idp-assertion-refused'
  if (status === 401 && error === 'unauthorized_client') return 'idp-secret-wrong'
  if (status === 401 && error === 'invalid_client') return 'idp-client-unknown'
  if (status === 403 && error === 'access_denied') return 'idp-realm-off'
  if (error === 'invalid_grant' && description === 'User disabled') return 'idp-user-disabled'
  if (error === 'not_allowed') return 'idp-scope-unknown' // offline_access, without the role of that name
  return error === 'invalid_request' && description.startsWith('DPoP proof') ? 'idp-dpop-refused' : undefined
}

/** Looks people up by the Admin API, and lets it evaluate what a sign-in would give. */
function openDirectory(needs: ConnectorNeeds, settings: Settings): Pick<Upstream, 'findUser' | 'preview'> {
  const { client_id: clientId, client_roles = [], admin_client_id: id, admin_client_secret: secret } = settings
  const api = openAdmin(needs, settings, id === undefined ? settings : { client_id: id, client_secret: secret })
  return {
    findUser: (account, wanted) => findPerson(api, account, wanted, client_roles),
    preview(user, wishes) {
      const readsUserinfo = wishes.needed?.readsUserinfo ?? true
      return previewSignIn(api, user, { clientId, scope: scopeOf(wishes, settings.scope), readsUserinfo })
    },
  }
}

/** A realm of Keycloak. */
export const keycloak: Connector<Settings> = {
  kind: 'keycloak',
  settings: Settings,
  secrets: [...clientSecrets, 'admin_client_secret'],

  lacks({ admin_api, client_roles = [] }, [member, client]) {
    if (!admin_api) return 'its admin_api is not on'
    if (member !== undefined && !userMembers.includes(member))
      return `its people have no ${member}; there is ${userMembers.join(', ')}`
    if (member !== 'client_roles' || client_roles.includes(client ?? client_roles[0] ?? '')) return undefined
    return `its client_roles does not name ${client ?? 'a client'}`
  },

  connect(needs, settings) {
    const { url: _, realm: __, idp_hint, ...signIn } = settings
    const own = { issuer: issuerOfRealm(settings), ...signIn }
    const upstream = connectOpenId(needs, own, { dialect, offline: {} })
    const hinted = idp_hint === undefined ? {} : { kc_idp_hint: idp_hint }
    return {
      ...upstream,
      begin: (options) => upstream.begin({ ...options, parameters: { ...hinted, ...options.parameters } }),
      ...(settings.admin_api && openDirectory(needs, settings)),
    }
  },
}

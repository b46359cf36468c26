import { isObject } from '../lib/json.ts'
import type { ConnectorNeeds } from './connector.ts'
import { type AdminApi, openAdmin } from './keycloak-admin.ts'

const mostLocales = 20
type Account = { url: string; realm: string; client_id: string; client_secret: string }

const namesIn = (list: unknown): unknown[] =>
  Array.isArray(list) ? list.map((one) => (isObject(one) ? one.name : undefined)) : []

async function textsOf(api: AdminApi): Promise<Record<string, unknown>> {
  const about = 'texts of the realm'
  const locales = await api.find('/localization', 'view-realm', about)
  const named = (Array.isArray(locales) ? locales : []).filter((one) => typeof one === 'string').slice(0, mostLocales)
  const texts = named.map(async (locale) => {
    const path = `/localization/${encodeURIComponent(locale)}`
    return [locale, await api.find(path, 'view-realm', about)] as const
  })
  return Object.fromEntries(await Promise.all(texts))
}

/**
 * What the Admin API tells of a realm, in the words of an export; `client` is the one whose mappers are wanted. The account needs
 * `view-realm`, `view-clients` and `view-users`, all of which only read, while Keycloak's own export wants `manage-realm`. Throws the faults `admin-api-…`.
 */
export async function fetchRealm(needs: ConnectorNeeds, account: Account, client: string): Promise<unknown> {
  const api = openAdmin(needs, account, account)
  // With less than view-realm Keycloak answers for a realm its name alone; the list of roles it refuses.
  const roles = await api.list('/roles', 'view-realm', 'realm roles')
  const [realm, clientScopes, byDefault, optional, clients, profile, groups, localizationTexts] = await Promise.all([
    api.find('', 'view-realm', 'realm'),
    api.find('/client-scopes', 'view-clients', 'client scopes'),
    api.find('/default-default-client-scopes', 'view-clients', 'client scopes'),
    api.find('/default-optional-client-scopes', 'view-clients', 'client scopes'),
    api.find(`/clients?clientId=${encodeURIComponent(client)}`, 'view-clients', 'client'),
    api.find('/users/profile', 'view-users', 'user profile'),
    api.list('/groups', 'view-users', 'groups'),
    textsOf(api),
  ])
  const config = { 'kc.user.profile.config': [JSON.stringify(profile)] }
  return {
    ...(isObject(realm) && realm),
    ...{ roles: { realm: roles }, clientScopes, clients, groups, localizationTexts },
    defaultDefaultClientScopes: namesIn(byDefault),
    defaultOptionalClientScopes: namesIn(optional),
    components: { 'org.keycloak.userprofile.UserProfileProvider': [{ config }] },
  }
}

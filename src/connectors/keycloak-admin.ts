import { OutboundError } from '../lib/exchange.ts'
import { readJson } from '../lib/json.ts'
import type { ClientSettings } from './client-settings.ts'
import type { ConnectorNeeds } from './connector.ts'
import { openProvider } from './discovery.ts'
import { type Dialect, retryAfterOf } from './endpoints.ts'
import { fault, faultOfCall, redacted } from './faults.ts'
import { type ServiceAccount, serviceAccount } from './service-account.ts'

/** What a role opens at the Admin API, by its name in Keycloak's client `realm-management`. */
export type AdminRole = 'view-users' | 'view-clients' | 'view-realm'

const pageSize = 100
const mostPages = 20

/** What Keycloak means by a refusal of the service account's token request: everything but a closed realm is about its credential. */
const adminDialect: Dialect = ({ endpoint, status }) => {
  if (endpoint !== 'token') return undefined
  return status === 403 ? 'idp-realm-off' : 'admin-api-auth'
}

/** The Admin API of a realm; `base` is its address, `…/admin/realms/{realm}`, and `client_id` whose service account asks. */
function openAdminApi({ fetch }: ConnectorNeeds, base: string, client_id: string, account: ServiceAccount) {
  async function call(path: string, accessToken: string) {
    try {
      const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' }
      const response = await fetch(base + path, { headers, redirect: 'manual' })
      return { status: response.status, headers: response.headers, body: readJson(await response.text()) }
    } catch (error) {
      const facts = { endpoint: 'admin-api' }
      if (error instanceof OutboundError && error.code === 'timeout')
        throw fault('admin-api-unavailable', { ...facts, reason: error.code })
      throw faultOfCall(error, facts, 'admin-api-refused')
    }
  }

  /**
   * What is at a path, or undefined where Keycloak says that it is not there. `role` is the one that opens it, `about` what is asked for.
   * A token is refused, too, since Keycloak forgets them when its keys or its sessions go, and a token has only the roles of when it was
   * made.
   */
  async function find(path: string, role: AdminRole, about: string): Promise<unknown> {
    const { status, headers, body } = await account.call((accessToken) => call(path, accessToken), [401, 403])
    const type = redacted(headers.get('content-type') ?? 'none')
    const facts = { endpoint: 'admin-api', about, status, type, client_id }
    if (status === 401) throw fault('admin-api-auth', facts)
    if (status === 403) throw fault('admin-api-denied', { ...facts, role })
    if (status === 404 && typeof body === 'object') return undefined
    if (status === 429 || status >= 500) throw fault('admin-api-unavailable', facts, retryAfterOf(headers))
    // Another answer, or none in JSON, is a proxy's, which does not let `/admin` through, or a wrong address.
    if (status !== 200 || body === undefined) throw fault('admin-api-refused', facts)
    return body
  }

  /** All of a list that comes in pages. */
  async function list(path: string, role: AdminRole, about: string): Promise<unknown[]> {
    const all: unknown[] = []
    for (let page = 0; page < mostPages; page += 1) {
      const entries = await find(`${path}?first=${page * pageSize}&max=${pageSize}`, role, about)
      if (!Array.isArray(entries)) throw fault('admin-api-refused', { endpoint: 'admin-api', about })
      all.push(...entries)
      if (entries.length < pageSize) return all
    }
    throw fault('admin-api-unavailable', { endpoint: 'admin-api', about, entries: all.length })
  }

  return { find, list, client_id }
}
export type AdminApi = ReturnType<typeof openAdminApi>

type RealmAddress = { url: string; realm: string; backchannel_url?: string | undefined }

/** What a realm calls itself. */
export const issuerOfRealm = ({ url, realm }: RealmAddress) =>
  `${url.replace(/\/+$/, '')}/realms/${encodeURIComponent(realm)}`

/** The Admin API of a realm, which lies beside the realms, asked by the service account of this client. */
export function openAdmin(needs: ConnectorNeeds, address: RealmAddress, client: ClientSettings): AdminApi {
  const { url, realm, backchannel_url } = address
  const known = { ...client, issuer: issuerOfRealm(address), backchannel_url }
  const account = serviceAccount(needs, openProvider(needs, known, { dialect: adminDialect }))
  const reached = backchannel_url === undefined ? url : new URL(new URL(url).pathname, backchannel_url).href
  return openAdminApi(
    needs,
    `${reached.replace(/\/+$/, '')}/admin/realms/${encodeURIComponent(realm)}`,
    client.client_id,
    account,
  )
}

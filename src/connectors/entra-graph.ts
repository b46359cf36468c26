import { isObject } from '../lib/json.ts'
import type { ConnectorNeeds, DirectoryUser } from './connector.ts'
import { retryAfterOf } from './endpoints.ts'
import { type Facts, fault, faultOfCall } from './faults.ts'
import type { ServiceAccount } from './service-account.ts'

/** Who is asked for: the object id in one directory. */
export type Person = { directory: string; oid: string }
/** What stands for a group; `id` is what ID tokens hold, the others are what their groups claim can be set to. */
type GroupName = 'id' | 'displayName' | 'onPremisesSamAccountName'

export type Graph = {
  /** The members that are wanted of the person, `groups` among them; none wanted: all that we know of. */
  findUser(person: Person, wanted: readonly string[]): Promise<DirectoryUser>
  /** All groups, also those by way of other groups. */
  groupsOf(person: Person): Promise<string[]>
}

/** What a user has ("Get a user"); most of it comes only if it is selected. */
const usual = [
  ...['accountEnabled', 'userType', 'externalUserState', 'displayName', 'givenName', 'surname', 'mail', 'otherMails'],
  ...['userPrincipalName', 'employeeId', 'department', 'jobTitle', 'companyName', 'officeLocation', 'country'],
  ...[
    'preferredLanguage',
    'mobilePhone',
    'businessPhones',
    'onPremisesSamAccountName',
    'onPremisesExtensionAttributes',
  ],
]
const mostPages = 40

/** The application permission that each call needs, in Microsoft's words. */
const permissions = { user: 'User.Read.All', groups: 'User.Read.All and GroupMember.Read.All' }
type Asked = keyof typeof permissions

/** The application's own account in each directory. */
export type ApplicationIn = (directory: string) => ServiceAccount
type Call = { asked: Asked; directory: string; url: string; post?: object }

/** What Graph says instead of an answer ("Microsoft Graph error responses"): its code, and the id that Microsoft's support asks for. */
function refusalIn(body: unknown): Facts {
  const error = isObject(body) && isObject(body.error) ? body.error : {}
  const request = isObject(error.innerError) ? error.innerError['request-id'] : undefined
  const word = (value: unknown) => (/^[\w-]{1,60}$/.test(String(value)) ? String(value) : 'none')
  return { code: word(error.code), request: word(request) }
}

/** People in a directory, by Microsoft Graph 1.0 with the application's own permissions. Throws the faults `admin-api-…`. */
export function openGraph(
  { fetch }: Pick<ConnectorNeeds, 'fetch'>,
  { graph, groups, applicationIn }: { graph: string; groups: GroupName; applicationIn: ApplicationIn },
): Graph {
  async function send({ asked, url, post }: Call, token: string) {
    const headers = {
      ...{ authorization: `Bearer ${token}`, accept: 'application/json', consistencylevel: 'eventual' },
      ...(post && { 'content-type': 'application/json' }),
    }
    const init: RequestInit = {
      headers,
      redirect: 'manual',
      ...(post && { method: 'POST', body: JSON.stringify(post) }),
    }
    try {
      const response = await fetch(url, init)
      return { status: response.status, response, body: (await response.json().catch(() => undefined)) as unknown }
    } catch (error) {
      throw faultOfCall(error, { endpoint: 'graph', asked }, 'admin-api-refused')
    }
  }

  async function ask(call: Call): Promise<Record<string, unknown>> {
    const { asked, directory } = call
    const { status, response, body } = await applicationIn(directory).call((token) => send(call, token), [401])
    const facts = { endpoint: 'graph', asked, directory, status }
    if (status === 429 || status >= 500) throw fault('admin-api-unavailable', facts, retryAfterOf(response.headers))
    const why = { ...facts, ...refusalIn(body) }
    if (status === 401) throw fault('admin-api-auth', why)
    if (status === 403) throw fault('admin-api-denied', { ...why, permission: permissions[asked] })
    if (status === 404) throw fault('admin-api-user-missing', why)
    if (!response.ok || !isObject(body)) throw fault('admin-api-refused', why)
    return body
  }

  /** Every entry of a paged list. A next page elsewhere than at Graph would be shown our token: it is not followed. */
  async function all(directory: string, first: string, post?: object): Promise<unknown[]> {
    const entries: unknown[] = []
    let answer = await ask({ asked: 'groups', directory, url: first, ...(post && { post }) })
    for (let page = 1; ; page++) {
      if (!Array.isArray(answer.value)) throw fault('admin-api-refused', { asked: 'groups', member: 'value' })
      entries.push(...answer.value)
      const next = answer['@odata.nextLink']
      if (next === undefined) return entries
      if (typeof next !== 'string' || !next.startsWith(`${graph}/v1.0/`) || page === mostPages)
        throw fault('admin-api-refused', { asked: 'groups', member: '@odata.nextLink', page })
      answer = await ask({ asked: 'groups', directory, url: next })
    }
  }

  const userUrl = (oid: string) => `${graph}/v1.0/users/${encodeURIComponent(oid)}`

  async function groupsOf({ directory, oid }: Person): Promise<string[]> {
    const memberOf = `transitiveMemberOf/microsoft.graph.group?$select=id,${groups}&$count=true&$top=999`
    const entries =
      groups === 'id'
        ? await all(directory, `${userUrl(oid)}/getMemberObjects`, { securityEnabledOnly: true })
        : (await all(directory, `${userUrl(oid)}/${memberOf}`)).map((one) => (isObject(one) ? one[groups] : undefined))
    // A group of the cloud has no name on the premises. One without a display name is one whose name we may not read.
    const named = groups === 'onPremisesSamAccountName' ? entries.filter((name) => name !== null) : entries
    if (!named.every((name) => typeof name === 'string'))
      throw fault('admin-api-denied', { asked: 'groups', member: groups, permission: permissions.groups })
    return named
  }

  return {
    groupsOf,
    async findUser({ directory, oid }, wanted) {
      const members = (wanted.length > 0 ? wanted : [...usual, 'groups']).filter((name) =>
        /^[A-Za-z]\w{0,99}$/.test(name),
      )
      const selected = new Set(['id', 'accountEnabled', ...members].filter((name) => name !== 'groups'))
      const [user, named] = await Promise.all([
        ask({ asked: 'user', directory, url: `${userUrl(oid)}?$select=${[...selected].join(',')}` }),
        members.includes('groups') ? groupsOf({ directory, oid }) : undefined,
      ])
      if (user.accountEnabled === false)
        throw fault('idp-user-disabled', { endpoint: 'graph', asked: 'user', directory })
      if (user.id !== oid) throw fault('admin-api-refused', { asked: 'user', member: 'id' })
      const { '@odata.context': _, ...told } = user
      return { ...told, ...(named && { groups: named }) }
    },
  }
}

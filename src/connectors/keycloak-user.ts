import { z } from 'zod'
import { faultOf } from '../protocol/errors.ts'
import type { Account, DirectoryUser } from './connector.ts'
import { fault } from './faults.ts'
import type { AdminApi, AdminRole } from './keycloak-admin.ts'

/** What Keycloak itself says of a person, in its own words. */
const Person = z.object({
  id: z.string(),
  enabled: z.boolean(),
  username: z.string().optional(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  email: z.string().optional(),
  emailVerified: z.boolean().optional(),
  createdTimestamp: z.number().optional(),
  attributes: z.record(z.string(), z.array(z.string())).default({}),
})
const Groups = z.array(z.object({ path: z.string() }))
const Roles = z.array(z.object({ name: z.string() }))
const Clients = z.array(z.object({ id: z.string(), clientId: z.string() }))

const asked = ['groups', 'realm_roles', 'client_roles'] as const
/** The members of `user` that a rule can read. */
export const userMembers: readonly string[] = [...Object.keys(Person.shape), ...asked]

export function parse<T>(schema: z.ZodType<T>, value: unknown, about: string): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw fault('admin-api-refused', { endpoint: 'admin-api', about, member: pathOf(parsed.error) })
  return parsed.data
}
const pathOf = (error: z.ZodError): string =>
  error.issues[0]?.path.map((step) => (typeof step === 'number' ? '*' : step)).join('.') ?? ''

const namesOf = (value: unknown, about: string): string[] =>
  parse(Roles, value, about)
    .map(({ name }) => name)
    .toSorted()

/** Keycloak answers a list that one may not see as an empty one; whether it is such a list, `path` tells, which then is forbidden. */
async function checkEmpty(api: AdminApi, path: string, role: AdminRole, about: string): Promise<void> {
  const silent = () => fault('admin-api-silent-empty', { endpoint: 'admin-api', about, role, client_id: api.client_id })
  const seen = await api.find(path, role, about).catch((error: unknown) => {
    throw faultOf(error) === 'admin-api-denied' ? silent() : error
  })
  if (!Array.isArray(seen) || seen.length === 0) throw silent()
}

/** The roles that a person has in effect: their own, their groups', and those within other roles. */
async function realmRoles(api: AdminApi, user: string): Promise<string[]> {
  const about = 'realm roles'
  const names = namesOf(await api.find(`${user}/role-mappings/realm/composite`, 'view-users', about), about)
  if (names.length === 0) await checkEmpty(api, '/roles?first=0&max=1', 'view-realm', about)
  return names
}

/** The path of a client, which is under an id of Keycloak's own. */
export async function clientPath(api: AdminApi, clientId: string, about: string): Promise<string> {
  const query = `/clients?clientId=${encodeURIComponent(clientId)}`
  const found = parse(Clients, await api.find(query, 'view-clients', about), about)
  const client = found.find((one) => one.clientId === clientId)
  const facts = { endpoint: 'admin-api', about, role: 'view-clients', client_id: api.client_id }
  if (!client) throw fault('admin-api-silent-empty', facts)
  return `/clients/${encodeURIComponent(client.id)}`
}

async function clientRoles(api: AdminApi, user: string, clientId: string): Promise<string[]> {
  const about = `roles of the client ${clientId}`
  const path = `${user}/role-mappings${await clientPath(api, clientId, about)}/composite`
  return namesOf(await api.find(path, 'view-clients', about), about)
}

/**
 * A person as the Admin API knows them, and of `wanted` what takes further requests; the roles are of the clients named.
 * Throws the faults `admin-api-…`, and `idp-user-disabled` for an account that is switched off.
 */
export async function findPerson(
  api: AdminApi,
  { subject }: Account,
  wanted: readonly string[],
  clients: readonly string[],
): Promise<DirectoryUser> {
  const user = `/users/${encodeURIComponent(subject)}`
  const answer = await api.find(user, 'view-users', 'user')
  // A pairwise subject is nobody's id. One that leads out of `/users` is met by another answer than a person with this id.
  const found = answer === undefined ? undefined : parse(Person, answer, 'user')
  if (found?.id !== subject) throw fault('admin-api-user-missing', { endpoint: 'admin-api', client_id: api.client_id })
  if (!found.enabled) throw fault('idp-user-disabled', { endpoint: 'admin-api' })

  const person: DirectoryUser = found
  const wants = (member: (typeof asked)[number]) => wanted.length === 0 || wanted.includes(member)
  if (wants('groups')) {
    const groups = parse(Groups, await api.list(`${user}/groups`, 'view-users', 'groups'), 'groups')
    person.groups = groups.map(({ path }) => path).toSorted()
  }
  if (wants('realm_roles')) person.realm_roles = await realmRoles(api, user)
  if (wants('client_roles')) {
    const roles = clients.map(async (clientId) => [clientId, await clientRoles(api, user, clientId)])
    person.client_roles = Object.fromEntries(await Promise.all(roles))
  }
  return person
}

import { z } from 'zod'
import type { SignIn } from './connector.ts'
import { fault } from './faults.ts'
import type { AdminApi } from './keycloak-admin.ts'
import { clientPath, parse } from './keycloak-user.ts'

const Found = z.object({ id: z.string(), enabled: z.boolean(), username: z.string(), email: z.string().optional() })
const Claims = z.record(z.string(), z.unknown())

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** What Keycloak makes up for an example: a session that there is not, and how somebody signed in to it. */
const madeUp = ['acr', 'sid']

/** A person by id, user name or e-mail address, in this order. */
async function findByName(api: AdminApi, name: string): Promise<z.infer<typeof Found> | undefined> {
  const about = 'user'
  if (uuid.test(name)) {
    const answer = await api.find(`/users/${name}`, 'view-users', about)
    if (answer !== undefined) return parse(Found, answer, about)
  }
  for (const member of ['username', 'email'] as const) {
    const query = `/users?${member}=${encodeURIComponent(name)}&exact=true`
    const found = parse(z.array(Found), await api.find(query, 'view-users', about), about)
    const person = found.find((one) => one[member]?.toLowerCase() === name.toLowerCase())
    if (person) return person
  }
  return undefined
}

/**
 * What Keycloak would say of a person after a sign-in with this client and these scopes, by its own evaluation (Admin API,
 * `evaluate-scopes`). Undefined if there is nobody of this name. Throws the faults `admin-api-…`, and `idp-user-disabled`, for Keycloak
 * evaluates the disabled, too.
 */
export async function previewSignIn(
  api: AdminApi,
  user: string,
  { clientId, scope, readsUserinfo }: { clientId: string; scope: string; readsUserinfo: boolean },
): Promise<SignIn | undefined> {
  const person = await findByName(api, user)
  if (!person) return undefined
  if (!person.enabled) throw fault('idp-user-disabled', { endpoint: 'admin-api' })
  const about = `evaluation of the client ${clientId}`
  const path = `${await clientPath(api, clientId, about)}/evaluate-scopes/generate-example-`
  const query = `?${new URLSearchParams({ scope, userId: person.id })}`
  const evaluated = async (what: 'id-token' | 'userinfo') => {
    const answer = await api.find(path + what + query, 'view-clients', about)
    return parse(Claims, answer, about)
  }
  const [example, userinfo] = [await evaluated('id-token'), readsUserinfo ? await evaluated('userinfo') : {}]
  const id_token = Object.fromEntries(Object.entries(example).filter(([name]) => !madeUp.includes(name)))
  return { account: { issuer: String(id_token.iss), subject: String(id_token.sub) }, id_token, userinfo }
}

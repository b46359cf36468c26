import { generateKeyPairSync } from 'node:crypto'
import test from 'ava'
import { publicHalf } from '../../src/connectors/client-keys.ts'
import { connect } from '../../src/connectors/index.ts'
import { has } from '../support/addresses.ts'
import { signInAt } from '../support/identity-provider.ts'
import { makeRealm } from '../support/keycloak-realm.ts'
import { needs as needsService } from '../support/service.ts'
import { needs, refusalOf } from '../support/upstream.ts'

// The Admin API of the real Keycloak, in a realm of this file's own.

let realm: Awaited<ReturnType<typeof makeRealm>>
test.before(async () => {
  if (has('Keycloak')) realm = await makeRealm()
})
test.after.always(() => realm?.remove())

const withKeycloak = needsService('Keycloak')
const upstream = (settings: object = {}) =>
  connect(needs(), { ...realm.settings, admin_api: true, client_roles: ['hr-portal'], ...settings })
const as = (client: string) => ({ admin_client_id: client, admin_client_secret: realm.settings.client_secret })

async function find(username: string, wanted: string[], settings: object = {}) {
  const subject = await realm.idOf(username)
  return upstream(settings).findUser?.({ issuer: '', subject }, wanted)
}

withKeycloak('Keycloak: a person in its own words, with groups by full path and every role in effect', async (t) => {
  const user = await find('alice', [])
  t.like(user, {
    id: await realm.idOf('alice'),
    username: 'alice',
    firstName: 'alice',
    email: 'alice@realm.example',
    emailVerified: true,
    attributes: { employeeNumber: ['E-77'], languages: ['sv', 'en'] },
    groups: ['/staff', '/staff/engineering/ops'],
    client_roles: { 'hr-portal': ['approver', 'viewer'] },
  })
  for (const role of ['employee', 'lead', 'manager'])
    t.true((user?.realm_roles as string[] | undefined)?.includes(role), role)
})

withKeycloak('Keycloak: what no rule reads is not asked for', async (t) => {
  const asked: string[] = []
  const { fetch, ...rest } = needs()
  const watching: typeof fetch = (input, init) => {
    asked.push(new URL(String(input)).pathname)
    return fetch(input, init)
  }
  const watched = connect({ ...rest, fetch: watching }, { ...realm.settings, admin_api: true })
  const account = { issuer: '', subject: await realm.idOf('alice') }
  const user = await watched.findUser?.(account, ['attributes'])
  t.deepEqual(
    Object.keys(user ?? {}).filter((name) => /groups|roles/.test(name)),
    [],
  )
  t.is(asked.filter((path) => path.startsWith('/admin/')).length, 1)
  // And a service account's token serves more than one person.
  await watched.findUser?.(account, ['groups'])
  t.is(asked.filter((path) => path.endsWith('/token')).length, 1)
})

withKeycloak(
  'Keycloak: a role that the service account lacks is named, and nothing is taken for empty that it may not see',
  async (t) => {
    const denied = await refusalOf(find('alice', ['attributes'], as('powerless')))
    t.like(denied, { fault: 'admin-api-denied', code: 'server_error', help: 'provider-set-up' })
    t.like(denied.cause, { role: 'view-users', client_id: 'powerless' })
    const clients = await refusalOf(find('alice', ['client_roles'], as('only-users')))
    t.like(clients, { fault: 'admin-api-denied', cause: { role: 'view-clients', client_id: 'only-users' } })
    t.like(await find('alice', ['groups'], as('only-users')), { groups: ['/staff', '/staff/engineering/ops'] })
  },
)

withKeycloak(
  'Keycloak: a person without any realm role is told from a list of roles that may not be seen',
  async (t) => {
    const id = await realm.idOf('nora')
    const roles = (await realm.ask('GET', `/users/${id}/role-mappings/realm`)) as Record<string, unknown>[]
    if (roles.length > 0) await realm.ask('DELETE', `/users/${id}/role-mappings/realm`, roles)
    t.like(await find('nora', ['realm_roles']), { realm_roles: [] })
    const silent = await refusalOf(find('nora', ['realm_roles'], as('only-users')))
    t.like(silent, { fault: 'admin-api-silent-empty', help: 'provider-set-up', cause: { role: 'view-realm' } })
  },
)

withKeycloak('Keycloak: roles of a client that is not there are a mistake in the settings, not no roles', async (t) => {
  const refusal = await refusalOf(find('alice', ['client_roles'], { client_roles: ['nope'] }))
  t.like(refusal, { fault: 'admin-api-silent-empty', code: 'server_error' })
})

withKeycloak('Keycloak: an account that is switched off, gone, or known by a pairwise subject', async (t) => {
  const id = await realm.idOf('dora')
  await realm.ask('PUT', `/users/${id}`, { username: 'dora', enabled: false })
  t.like(await refusalOf(find('dora', ['attributes'])), { fault: 'idp-user-disabled', help: 'sign-in-refused' })
  await realm.ask('DELETE', `/users/${id}`)
  const gone = await refusalOf(upstream().findUser!({ issuer: '', subject: id }, []))
  t.like(gone, { fault: 'admin-api-user-missing', code: 'access_denied', help: 'source-unknown-person' })

  const redirectUri = 'http://127.0.0.1/acme/callback/idp'
  const pairwise = upstream({ client_id: 'pairwise', ...as('claimgate') })
  const { url, memory } = await pairwise.begin({ state: 'state-of-this-sign-in', redirectUri })
  const { account } = await pairwise.finish(await signInAt(url, 'alice', redirectUri), memory)
  t.not(account.subject, await realm.idOf('alice'))
  t.is((await refusalOf(pairwise.findUser!(account, []))).fault, 'admin-api-user-missing')
})

withKeycloak('Keycloak: a subject that leads elsewhere in the Admin API finds nobody', async (t) => {
  const id = await realm.idOf('alice')
  for (const subject of ['.', '..', `${id}?`, `../users/${id}`, `${id}/groups`, '']) {
    const { fault } = await refusalOf(upstream().findUser!({ issuer: '', subject }, []))
    t.regex(fault, /^admin-api-(user-missing|refused|denied)$/, subject)
  }
})

withKeycloak('Keycloak: a wrong secret and a client without a service account are about the credential', async (t) => {
  const wrong = await refusalOf(find('alice', [], { ...as('claimgate'), admin_client_secret: 'wrong' }))
  t.like(wrong, { fault: 'admin-api-auth', code: 'server_error', help: 'provider-set-up' })
  const without = await refusalOf(find('alice', [], as('hr-portal')))
  t.is(without.fault, 'admin-api-auth')
})

withKeycloak('RFC 7523 §2.2: a client that authenticates by key asks the Admin API by key, too', async (t) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const client_key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  await realm.ask('POST', '/clients', {
    ...{ clientId: 'by-key', serviceAccountsEnabled: true, clientAuthenticatorType: 'client-jwt' },
    attributes: { 'use.jwks.string': 'true', 'jwks.string': JSON.stringify({ keys: [await publicHalf(client_key)] }) },
  })
  const account = await realm.idOf('service-account-by-key')
  const idOf = async (path: string) => ((await realm.ask('GET', path)) as { id: string }[])[0]?.id
  const management = await idOf('/clients?clientId=realm-management')
  const role = (await realm.ask('GET', `/clients/${management}/roles/view-users`)) as Record<string, unknown>
  await realm.ask('POST', `/users/${account}/role-mappings/clients/${management}`, [role])

  const byKey = upstream({ client_id: 'by-key', client_secret: undefined, client_key, client_roles: undefined })
  const found = await byKey.findUser?.({ issuer: '', subject: await realm.idOf('alice') }, ['groups'])
  t.like(found, { username: 'alice', groups: ['/staff', '/staff/engineering/ops'] })
})

withKeycloak('Keycloak: what a sign-in would give, by user name, e-mail address or id, without one', async (t) => {
  const id = await realm.idOf('alice')
  const wishes = { scope: 'openid profile' }
  for (const name of ['alice', 'Alice@realm.example', id]) {
    const signIn = await upstream().preview?.(name, wishes)
    t.like(signIn, {
      account: { issuer: `${realm.settings.url}/realms/${realm.realm}`, subject: id },
      id_token: { preferred_username: 'alice', given_name: 'alice', aud: 'claimgate', azp: 'claimgate' },
      userinfo: { preferred_username: 'alice', sub: id },
    })
    // Made up by Keycloak for the example; nobody has signed in.
    for (const member of ['acr', 'sid', 'nonce', 'auth_time']) t.false(member in (signIn?.id_token ?? {}), member)
  }
  const withEmail = await upstream().preview?.('alice', { scope: 'openid email' })
  t.like(withEmail?.id_token, { email: 'alice@realm.example' })
  for (const name of ['nobody', 'alice/../nora', '00000000-0000-4000-8000-000000000000', '?x=1&', ''])
    t.is(await upstream().preview?.(name, wishes), undefined, name)
  const denied = await refusalOf(upstream(as('only-users')).preview!('alice', wishes))
  t.like(denied, { fault: 'admin-api-denied', cause: { role: 'view-clients', client_id: 'only-users' } })
  t.is(connect(needs(), realm.settings).preview, undefined, 'without admin_api there is no way to ask')
})

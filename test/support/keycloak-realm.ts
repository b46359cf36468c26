import { randomInt } from 'node:crypto'
import { addressOf } from './addresses.ts'
import { remember } from './secrets.ts'

type Json = Record<string, unknown>

const secret = 'secret-of-the-test-realm'
const everybody = { view: ['admin', 'user'], edit: ['admin', 'user'] }
const attributes = ['username', 'email', 'firstName', 'lastName'].map((name) => ({ name, permissions: everybody }))
const profile = JSON.stringify({ unmanagedAttributePolicy: 'ENABLED', attributes })

const person = (username: string, more: Json = {}): Json => ({
  username,
  enabled: true,
  email: `${username}@realm.example`,
  emailVerified: true,
  firstName: username,
  lastName: 'Example',
  credentials: [{ type: 'password', value: username, temporary: false }],
  ...more,
})

const client = (clientId: string, more: Json = {}): Json => ({
  clientId,
  secret,
  enabled: true,
  standardFlowEnabled: true,
  serviceAccountsEnabled: true,
  redirectUris: ['http://127.0.0.1/*', 'http://localhost/*'],
  defaultClientScopes: ['basic', 'acr', 'profile', 'email', 'roles'],
  optionalClientScopes: ['offline_access'],
  ...more,
})

const serviceAccount = (clientId: string, roles: string[]): Json => ({
  username: `service-account-${clientId}`,
  enabled: true,
  serviceAccountClientId: clientId,
  clientRoles: { 'realm-management': roles },
})

/** alice has attributes, nested groups, and roles of her own, of her group and within other roles; dora is switched off; nora has no role. */
const realmOf = (realm: string): Json => ({
  realm,
  enabled: true,
  sslRequired: 'none',
  roles: {
    realm: [
      { name: 'employee' },
      { name: 'manager' },
      { name: 'lead', composite: true, composites: { realm: ['manager'], client: { 'hr-portal': ['approver'] } } },
    ],
    client: { 'hr-portal': [{ name: 'viewer' }, { name: 'approver' }] },
  },
  groups: [
    {
      ...{ name: 'staff', path: '/staff', realmRoles: ['employee'], clientRoles: { 'hr-portal': ['viewer'] } },
      subGroups: [
        {
          name: 'engineering',
          path: '/staff/engineering',
          subGroups: [{ name: 'ops', path: '/staff/engineering/ops' }],
        },
      ],
    },
  ],
  users: [
    person('alice', {
      attributes: { employeeNumber: ['E-77'], languages: ['sv', 'en'], badge: [realm] },
      realmRoles: ['lead'],
      groups: ['/staff/engineering/ops', '/staff'],
    }),
    person('dora'),
    person('nora'),
    serviceAccount('claimgate', ['view-users', 'view-clients', 'view-realm']),
    serviceAccount('only-users', ['view-users']),
    serviceAccount('powerless', []),
  ],
  clients: [
    client('claimgate'),
    client('only-users', { standardFlowEnabled: false }),
    client('powerless', { standardFlowEnabled: false }),
    client('hr-portal', { serviceAccountsEnabled: false }),
    client('pairwise', {
      redirectUris: ['http://127.0.0.1/*'],
      serviceAccountsEnabled: false,
      protocolMappers: [
        {
          ...{ name: 'pairwise', protocol: 'openid-connect', protocolMapper: 'oidc-sha256-pairwise-sub-mapper' },
          config: { pairwiseSubAlgorithmSalt: 'salt' },
        },
      ],
    }),
  ],
  components: {
    'org.keycloak.userprofile.UserProfileProvider': [
      { providerId: 'declarative-user-profile', config: { 'kc.user.profile.config': [profile] } },
    ],
  },
})

/** Keycloak's Admin API as its administrator, whose token lives for a minute only. */
export function administrator(url: string) {
  const form = { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password: 'admin' }
  return async (method: string, path: string, body?: Json | Json[]): Promise<unknown> => {
    const signIn = { method: 'POST', body: new URLSearchParams(form) }
    const answer = await fetch(`${url}/realms/master/protocol/openid-connect/token`, signIn)
    const { access_token } = (await answer.json()) as { access_token: string }
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
    const request = { method, headers, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`${url}/admin/realms${path}`, request)
    if (!response.ok) throw new Error(`Keycloak: ${method} ${path} gave ${response.status}: ${await response.text()}`)
    const text = await response.text()
    return text ? JSON.parse(text) : undefined
  }
}

/** A realm of one test at the real Keycloak, to be removed after it. `ask` is Keycloak's Admin API below the realm, as an administrator. */
export async function makeRealm(): Promise<{
  realm: string
  settings: { kind: string; url: string; realm: string; client_id: string; client_secret: string }
  idOf(username: string): Promise<string>
  ask(method: string, path: string, body?: Json | Json[]): Promise<unknown>
  remove(): Promise<void>
}> {
  const url = addressOf('Keycloak')
  const realm = `claimgate-test-${process.pid}-${randomInt(2 ** 30).toString(36)}`
  const admin = administrator(url)
  remember(secret, 'secret')
  await admin('POST', '', realmOf(realm))
  const ask = (method: string, path: string, body?: Json | Json[]) => admin(method, `/${realm}${path}`, body)
  const idOf = async (username: string) => {
    const [found] = (await ask('GET', `/users?username=${username}&exact=true`)) as { id: string }[]
    return found?.id ?? ''
  }
  return {
    realm,
    settings: { kind: 'keycloak', url, realm, client_id: 'claimgate', client_secret: secret },
    idOf,
    ask,
    remove: async () => void (await admin('DELETE', `/${realm}`)),
  }
}

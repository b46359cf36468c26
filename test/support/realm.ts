import { randomBytes } from 'node:crypto'
import { addressOf } from './addresses.ts'
import { signInAt } from './identity-provider.ts'
import { administrator } from './keycloak-realm.ts'
import { remember } from './secrets.ts'

type Json = Record<string, unknown>
const redirectUri = 'https://wallet.example/callback'

/** A realm of our own in the running Keycloak, with alice, bob and a wallet that is a public client; `remove` deletes it. */
export async function makeRealm() {
  const url = addressOf('Keycloak')
  const name = `external-${randomBytes(6).toString('hex')}`
  const issuer = `${url}/realms/${name}`
  const admin = administrator(url)

  const mapper = (kind: string, config: Record<string, string>) => ({
    name: Object.values(config)[0],
    protocol: 'openid-connect',
    protocolMapper: kind,
    config: { 'access.token.claim': 'true', 'introspection.token.claim': 'true', ...config },
  })
  const person = (username: string, attributes: Record<string, string[]>) => ({
    ...{
      username,
      enabled: true,
      emailVerified: true,
      email: `${username}@acme.example`,
      firstName: username,
      lastName: 'Acme',
    },
    ...{ attributes, credentials: [{ type: 'password', value: username, temporary: false }] },
  })
  const wallet = (clientId: string, more: Json = {}) => ({
    ...{ clientId, publicClient: true, redirectUris: [redirectUri], standardFlowEnabled: true },
    ...{ defaultClientScopes: ['basic', 'profile', 'person'], optionalClientScopes: ['badge', 'unaddressed'] },
    ...more,
  })
  await admin('POST', '', { realm: name, enabled: true, sslRequired: 'none' })
  // A claim of one's own needs a user profile that knows it.
  const profile = (await admin('GET', `/${name}/users/profile`)) as Json
  await admin('PUT', `/${name}/users/profile`, { ...profile, unmanagedAttributePolicy: 'ENABLED' })
  const number = { 'claim.name': 'employee_number', 'user.attribute': 'employee_number' }
  const protocolMappers = { person: [mapper('oidc-usermodel-attribute-mapper', number)], badge: [], unaddressed: [] }
  for (const [scope, mappers] of Object.entries(protocolMappers)) {
    const attributes = { 'include.in.token.scope': 'true' }
    await admin('POST', `/${name}/client-scopes`, {
      name: scope,
      protocol: 'openid-connect',
      attributes,
      protocolMappers: mappers,
    })
  }
  await admin('POST', `/${name}/clients`, wallet('test-wallet'))
  await admin(
    'POST',
    `/${name}/clients`,
    wallet('bound-wallet', { attributes: { 'dpop.bound.access.tokens': 'true' } }),
  )
  const introspecting = {
    clientId: 'claimgate',
    secret: 'claimgate-secret',
    publicClient: false,
    standardFlowEnabled: false,
  }
  await admin('POST', `/${name}/clients`, introspecting)
  await admin('POST', `/${name}/users`, person('alice', { employee_number: ['E-1001'] }))
  await admin('POST', `/${name}/users`, person('bob', {}))

  /** The guide's audience mappers: whoever asks for the scope gets a token for these credential issuers. */
  async function addAudiences(scope: string, audiences: readonly string[]): Promise<void> {
    const all = (await admin('GET', `/${name}/client-scopes`)) as Json[]
    const id = all.find((one) => one.name === scope)?.id
    for (const audience of audiences) {
      const added = { ...mapper('oidc-audience-mapper', { 'included.custom.audience': audience }), name: audience }
      await admin('POST', `/${name}/client-scopes/${id}/protocol-mappers/models`, added)
    }
  }

  /** The browser's part of a wallet's authorization request: the code. */
  async function codeOf(authorizationUrl: URL, username: string): Promise<string> {
    const code = (await signInAt(authorizationUrl, username, redirectUri)).get('code') ?? ''
    remember(code, 'code')
    return code
  }
  const remove = () => admin('DELETE', `/${name}`)
  return {
    name,
    issuer,
    admin: (method: string, path: string, body?: Json) => admin(method, `/${name}${path}`, body),
    addAudiences,
    codeOf,
    remove,
  }
}

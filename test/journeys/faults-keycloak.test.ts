import test from 'ava'
import { faultHelp } from '../../src/model/faults/index.ts'
import { has } from '../support/addresses.ts'
import { makeRealm } from '../support/keycloak-realm.ts'
import { startTestNode, type TestNode } from '../support/node.ts'
import { elementOf } from '../support/plain-browser.ts'
import { needsSerially } from '../support/service.ts'
import {
  anybody,
  assertSilent,
  assertTold,
  newestSession,
  retryOn,
  type Told,
  traceOf,
} from '../support/session-trace.ts'
import { applyTestTenant } from '../support/tenant.ts'

// What a real Keycloak does when somebody has changed a setting, before or in the middle of a sign-in: a realm of this test alone, and in it
// a client of each row alone.

type Json = Record<string, unknown>
type Realm = Awaited<ReturnType<typeof makeRealm>>
let realm: Realm
let node: TestNode
test.before(async () => {
  if (!has('Keycloak')) return
  realm = await makeRealm()
  node = await startTestNode()
})
test.after.always(async () => {
  await node?.stop()
  await realm?.remove()
})
const withKeycloak = needsSerially('Keycloak')
const secret = 'secret-of-the-client-of-one-row'

let count = 0
/** A client of its own, and its settings as a provider. `change` is as Keycloak's Admin API takes it. */
async function newClient(change: Json = {}) {
  count += 1
  const clientId = `client-${count}`
  const usual = { clientId, secret, redirectUris: [`${node.url}/*`], protocol: 'openid-connect', publicClient: false }
  const client = { ...usual, standardFlowEnabled: true, serviceAccountsEnabled: true, ...change }
  await realm.ask('POST', '/clients', client)
  const [{ id }] = (await realm.ask('GET', `/clients?clientId=${clientId}`)) as [{ id: string }]
  const alter = (more: Json) => realm.ask('PUT', `/clients/${id}`, { ...client, ...more })
  return { clientId, settings: { client_id: clientId, client_secret: secret, par: 'off' }, alter }
}
type Client = Awaited<ReturnType<typeof newClient>>

/** Applies the tenant with this provider. */
async function configure(provider: Json, link: Json = {}, claims: Json = {}): Promise<void> {
  const names = { given_name: { from: 'id_token.given_name', mandatory: true } }
  await applyTestTenant(node.services, node.identityProvider, {
    providers: { keycloak: { ...realm.settings, display: [{ name: 'Keycloak', locale: 'en' }], ...provider } },
    settings: {
      staff: {
        grants: { authorization_code: { identity_providers: [{ id: 'keycloak', ...link }] } },
        credential_configurations: { EmployeeBadge: { format: 'dc+sd-jwt', claims: { ...names, ...claims } } },
      },
    },
  })
  node.wait({ seconds: 6 }) // until the node has seen it, and has forgotten what it failed to read
}

type Row = Told & {
  fault: string
  /** The client at Keycloak. */
  client?: Json
  /** How the tenant file knows it, and how the issuer uses it. */
  provider?: Json
  link?: Json
  claims?: Json
  username?: string
  /** What happens between the sign-in page and our callback; answers how it is undone. */
  meanwhile?: (client: Client) => Promise<unknown>
  undo?: () => Promise<unknown>
  /** Keycloak asks nobody, and the way ends at once. */
  isAtOnce?: true
  facts?: Json
}
const setUp = { help: 'provider-set-up', error: 'server_error' }
const switchRealm = (enabled: boolean) => realm.ask('PUT', '', { enabled })
const switchAlice = async (enabled: boolean) => realm.ask('PUT', `/users/${await realm.idOf('alice')}`, { enabled })
async function takeRoles(): Promise<void> {
  const path = `/users/${await realm.idOf('nora')}/role-mappings/realm`
  const roles = (await realm.ask('GET', path)) as Json[]
  if (roles.length > 0) await realm.ask('DELETE', path, roles)
}
const readsDirectory = { employee_number: { from: 'user.attributes.employeeNumber[0]' } }
const readsRoles = { roles: { from: 'user.realm_roles', type: 'list(string)' } }
const byAdmin = (client: Json = {}) => ({ admin_api: true, ...client })

const rows: Record<string, Row> = {
  'the realm is another': {
    ...{ ...setUp, fault: 'idp-discovery-status', provider: { realm: 'there-is-no-such-realm' }, isAtOnce: true },
    facts: { endpoint: 'discovery', status: 404 },
  },
  'a scope is not assigned': {
    ...{ ...setUp, fault: 'idp-scope-unknown', link: { scope: 'openid payroll' }, isAtOnce: true },
    facts: { endpoint: 'authorization', error: 'invalid_scope' },
  },
  'RFC 9126: a scope is not assigned, and the request is pushed': {
    ...{ ...setUp, fault: 'idp-scope-unknown', link: { scope: 'openid payroll' }, isAtOnce: true },
    ...{ provider: { par: 'required' }, facts: { endpoint: 'par', status: 400 } },
  },
  'the standard flow is off': {
    ...{ ...setUp, fault: 'idp-flow-off', client: { standardFlowEnabled: false }, isAtOnce: true },
    facts: { endpoint: 'authorization', error: 'unauthorized_client' },
  },
  'RFC 7636: the client wants another challenge method': {
    ...{ ...setUp, fault: 'idp-request-refused', isAtOnce: true },
    client: { attributes: { 'pkce.code.challenge.method': 'plain' } },
    facts: { endpoint: 'authorization', error: 'invalid_request' },
  },
  'RFC 9126 §5: the client wants pushed requests': {
    ...{ ...setUp, fault: 'idp-par-required', isAtOnce: true },
    client: { attributes: { 'require.pushed.authorization.requests': 'true' } },
  },
  'RFC 9126 §2.3: the redirect URI is not registered': {
    ...{ ...setUp, fault: 'idp-par-refused', isAtOnce: true, client: { redirectUris: ['http://127.0.0.1/elsewhere'] } },
    ...{ provider: { par: 'required' }, facts: { endpoint: 'par', status: 400 } },
  },
  'RFC 9126 §2.3: the secret is wrong where the request is pushed': {
    ...{ ...setUp, fault: 'idp-par-auth', provider: { par: 'required', client_secret: 'another' }, isAtOnce: true },
    facts: { endpoint: 'par', status: 401 },
  },
  'RFC 9207: the client leaves out the issuer': {
    ...{ ...setUp, fault: 'callback-iss-missing' },
    client: { attributes: { 'exclude.issuer.from.auth.response': 'true' } },
  },
  'the secret is changed': {
    ...{ ...setUp, fault: 'idp-secret-wrong', meanwhile: ({ alter }) => alter({ secret: 'another' }) },
    facts: { endpoint: 'token', status: 401 },
  },
  'the client is switched off': {
    ...{ ...setUp, fault: 'idp-client-unknown', meanwhile: ({ alter }) => alter({ enabled: false }) },
    facts: { endpoint: 'token', status: 401 },
  },
  'the realm is switched off': {
    ...{ ...setUp, fault: 'idp-realm-off', meanwhile: () => switchRealm(false), undo: () => switchRealm(true) },
    facts: { endpoint: 'token', status: 403 },
  },
  'the account is switched off': {
    ...{ help: 'sign-in-refused', error: 'access_denied', fault: 'idp-user-disabled' },
    ...{ meanwhile: () => switchAlice(false), undo: () => switchAlice(true) },
  },
  'RFC 9449: the client wants bound tokens': {
    ...{ ...setUp, fault: 'idp-dpop-refused' },
    meanwhile: ({ alter }) => alter({ attributes: { 'dpop.bound.access.tokens': 'true' } }),
  },
  'RFC 7523: the client is to sign, and no longer to have a secret': {
    ...{ ...setUp, fault: 'idp-auth-method' },
    meanwhile: ({ alter }) => alter({ clientAuthenticatorType: 'client-jwt' }),
  },
  'RFC 7523: the client has a secret, and we sign': {
    ...{ ...setUp, fault: 'idp-auth-method' },
    ...{
      provider: { client_secret: undefined, client_auth: 'private_key_jwt' },
      facts: { endpoint: 'token', status: 401 },
    },
  },
  'RFC 7523 §3: Keycloak has no key of ours': {
    ...{ ...setUp, fault: 'idp-assertion-refused' },
    ...{ client: { clientAuthenticatorType: 'client-jwt' }, facts: { endpoint: 'token', status: 400 } },
    provider: { client_secret: undefined, client_auth: 'private_key_jwt' },
  },
  'OIDC Core §3.1.3.7 (12): Keycloak has no step-up': {
    ...{ help: 'stronger-sign-in', error: 'access_denied', fault: 'sign-in-too-weak', link: { acr_values: ['gold'] } },
    facts: { member: 'acr', asked: ['gold'] },
  },
  'the service account may read nothing': {
    ...{ ...setUp, fault: 'admin-api-denied', claims: readsDirectory, provider: byAdmin() },
    facts: { role: 'view-users', status: 403 },
  },
  'the service account has another secret': {
    ...{ ...setUp, fault: 'admin-api-auth', claims: readsDirectory },
    provider: byAdmin({ admin_client_id: 'claimgate', admin_client_secret: 'another' }),
    facts: { endpoint: 'token', status: 401 },
  },
  'the service account may not see roles': {
    ...{
      ...setUp,
      fault: 'admin-api-silent-empty',
      username: 'nora',
      meanwhile: takeRoles,
      claims: readsRoles,
      facts: { role: 'view-realm' },
    },
    provider: byAdmin({ admin_client_id: 'only-users', admin_client_secret: 'secret-of-the-test-realm' }),
  },
  'OIDC Core §8.1: the subject is pairwise, which no account is called': {
    ...{ help: 'source-unknown-person', error: 'access_denied', fault: 'admin-api-user-missing' },
    ...{ claims: readsDirectory },
    client: {
      protocolMappers: [
        {
          ...{ name: 'pairwise', protocol: 'openid-connect', protocolMapper: 'oidc-sha256-pairwise-sub-mapper' },
          config: { pairwiseSubAlgorithmSalt: 'salt' },
        },
      ],
    },
    provider: byAdmin({ admin_client_id: 'claimgate', admin_client_secret: 'secret-of-the-test-realm' }),
  },
}

for (const [what, row] of Object.entries(rows)) {
  withKeycloak(`OIDC Core §3.1: ${row.fault} at Keycloak: ${what}`, async (t) => {
    const client = await newClient(row.client)
    await configure({ ...client.settings, ...row.provider }, row.link, row.claims)
    const wallet = node.wallet('staff')
    const { go, signIn, language } = anybody(wallet.redirectUri)
    const url = await wallet.authorizeUrl()
    const answer = row.isAtOnce ? url : await signIn(url, row.username ?? 'alice', `${node.url}/test/callback/keycloak`)
    await row.meanwhile?.(client)
    try {
      const page = await go(answer)
      const { fault, help, error, facts } = row
      await assertTold(t, node, page, { fault, help, error, language, wallet, ...(facts && { facts }) })
    } finally {
      await row.undo?.()
    }
  })
}

const noReturn: Record<string, Json> = {
  'the redirect URI is not registered': { redirectUris: ['http://127.0.0.1/elsewhere'] },
  'the client is switched off': { enabled: false },
  'the client wants signed requests': { attributes: { 'request.object.required': 'request only' } },
}
for (const [what, change] of Object.entries(noReturn)) {
  withKeycloak(`RFC 6749 §4.1.2.1: idp-no-return at Keycloak: ${what}, and Keycloak keeps the person`, async (t) => {
    const { clientId, settings } = await newClient(change)
    await configure(settings)
    const wallet = node.wallet('staff')
    const { go } = anybody(wallet.redirectUri)
    const page = await go(await wallet.authorizeUrl())
    t.is(page.status, 400)
    t.true(page.url.startsWith(realm.settings.url), 'the person is left at Keycloak')
    const session = await newestSession(node)
    node.wait({ minutes: 16 })
    const { unfinished, text } = await traceOf(node, session)
    const compare = { client_id: clientId, redirect_uri: `${node.url}/test/callback/keycloak` }
    t.like(unfinished, { fault: 'idp-no-return', ...compare, ...faultHelp['idp-no-return'] })
    assertSilent(t, text)
  })
}

withKeycloak(
  'OIDC Core §3.1.2.6: idp-session-restarted at Keycloak: a sign-in page is sent twice, and a new try gets through',
  async (t) => {
    const { settings } = await newClient()
    await configure(settings)
    const wallet = node.wallet('staff')
    const { go, press, language } = anybody(wallet.redirectUri)
    const form = await go(await wallet.authorizeUrl())
    const fields = { username: 'alice', password: 'alice' }
    await press(form, 'kc-login', fields, `${node.url}/test/callback/keycloak`)
    const page = await press(form, 'kc-login', fields)
    const told = { help: 'sign-in-expired', error: 'access_denied', fault: 'idp-session-restarted' }
    await assertTold(t, node, page, { ...told, language, wallet })
    const again = await press(await go(retryOn(page)), 'kc-login', fields)
    t.truthy(elementOf(again, 'approve'))
  },
)

import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { run } from '../../src/cli/run.ts'
import { addressOf, has } from '../support/addresses.ts'
import { foreignWallet } from '../support/foreign-wallet.ts'
import { administrator } from '../support/keycloak-realm.ts'
import { startTestNode, type TestNode } from '../support/node.ts'
import { elementOf, plainBrowser } from '../support/plain-browser.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { remember } from '../support/secrets.ts'
import { needsSerially } from '../support/service.ts'
import { actionsOn, applyTestTenant } from '../support/tenant.ts'

// From a realm of a real Keycloak to a credential, with nothing written by hand but the wallet that may come.

type Json = Record<string, unknown>
const realm = `propose-${process.pid}`
const secret = 'secret-of-the-proposing-account'
const folder = await mkdtemp(join(tmpdir(), 'claimgate-propose-'))
const withKeycloak = needsSerially('Keycloak')
let node: TestNode
let firstFile: string

const ask = (method: string, path: string, body?: Json | Json[]) =>
  administrator(addressOf('Keycloak'))(method, path, body)
const below = (method: string, path: string, body?: Json | Json[]) => ask(method, `/${realm}${path}`, body)

const onlyAdmins = { view: ['admin', 'user'], edit: ['admin'] }
const everybody = { view: ['admin', 'user'], edit: ['admin', 'user'] }
const attributes = [
  ...['username', 'email', 'firstName', 'lastName'].map((name) => ({ name, permissions: everybody })),
  {
    ...{ name: 'employeeNumber', displayName: '${employee}', required: { roles: ['admin', 'user'] } },
    permissions: onlyAdmins,
  },
  { name: 'level', displayName: 'Level', permissions: onlyAdmins },
  { name: 'languages', permissions: onlyAdmins, multivalued: true },
  { name: 'site', permissions: onlyAdmins },
  { name: 'nickname', permissions: everybody },
  { name: 'costCentre', permissions: onlyAdmins, validations: { integer: {} } },
]

const mapper = (name: string, protocolMapper: string, config: Record<string, string>): Json => ({
  ...{ name, protocol: 'openid-connect', protocolMapper },
  config: { 'id.token.claim': 'true', 'userinfo.token.claim': 'true', 'jsonType.label': 'String', ...config },
})
const ofAttribute = (name: string, claim: string, config: Record<string, string> = {}) =>
  mapper(name, 'oidc-usermodel-attribute-mapper', { 'user.attribute': name, 'claim.name': claim, ...config })

const scope = {
  ...{ name: 'hr', protocol: 'openid-connect' },
  protocolMappers: [
    ofAttribute('employeeNumber', 'employee_number'),
    ofAttribute('level', 'work.level', { 'jsonType.label': 'int' }),
    ofAttribute('site', 'acme\\.example/site', { 'id.token.claim': 'false' }),
    ofAttribute('languages', 'languages', { multivalued: 'true', 'userinfo.token.claim': 'false' }),
    mapper('staff', 'oidc-hardcoded-claim-mapper', {
      ...{ 'claim.name': 'is_staff', 'claim.value': 'true', 'jsonType.label': 'boolean' },
    }),
    ofAttribute('undeclared', 'undeclared'),
  ],
}

test.before(async () => {
  if (!has('Keycloak')) return
  remember(secret, 'secret')
  await ask('POST', '', {
    ...{ realm, displayName: 'Acme: staff', enabled: true, sslRequired: 'none', bruteForceProtected: true },
    ...{ internationalizationEnabled: true, supportedLocales: ['en', 'de'] },
    roles: { realm: [{ name: 'employee' }] },
    groups: [{ name: 'staff', subGroups: [{ name: 'dev' }] }],
    clients: [{ clientId: 'proposer', secret, serviceAccountsEnabled: true, standardFlowEnabled: false }],
    users: [
      {
        ...{ username: 'service-account-proposer', enabled: true, serviceAccountClientId: 'proposer' },
        clientRoles: { 'realm-management': ['view-realm', 'view-clients', 'view-users'] },
      },
    ],
  })
  await below('PUT', '/users/profile', { attributes })
  for (const [locale, text] of Object.entries({ en: 'Staff number', de: 'Personalnummer' }))
    await below('POST', `/localization/${locale}`, { employee: text })
  await below('POST', '/client-scopes', scope)
  await below('POST', '/users', {
    ...{ username: 'ada', enabled: true, email: 'ada@realm.example', emailVerified: true, firstName: 'Ada' },
    ...{ lastName: 'Byron', groups: ['/staff/dev'] },
    credentials: [{ type: 'password', value: 'ada', temporary: false }],
    attributes: {
      employeeNumber: ['E-7'],
      level: ['41'],
      languages: ['sv', 'en'],
      site: ['Lund'],
      costCentre: ['4711'],
    },
  })
  const [ada] = (await below('GET', '/users?username=ada&exact=true')) as { id: string }[]
  const role = (await below('GET', '/roles/employee')) as Json
  await below('POST', `/users/${ada?.id}/role-mappings/realm`, [role])
  node = await startTestNode()
})
test.after.always(async () => {
  await node?.stop()
  if (has('Keycloak')) await ask('DELETE', `/${realm}`)
})

type Proposal = {
  tenant: string
  tenantFile: string
  client: Json
  adminRoles: string[]
  warnings: string[]
  isThere: boolean
}

async function claimgate(...words: string[]): Promise<{ code: number; printed: string; noted: string }> {
  const [printed, noted]: [string[], string[]] = [[], []]
  const code = await run(words, {
    environment: { KEYCLOAK_ADMIN_CLIENT_SECRET: secret },
    fetch: globalThis.fetch,
    now: () => new Date(),
    print: (text) => printed.push(text),
    note: (text) => noted.push(text),
  })
  return { code, printed: printed.join('\n'), noted: noted.join('\n') }
}

async function propose(...words: string[]): Promise<Proposal> {
  const always = ['--url', addressOf('Keycloak'), '--public-url', node.url, '--tenant', 'acme', '--json']
  const { code, printed, noted } = await claimgate('propose', 'keycloak', ...always, ...words)
  if (code !== 0) throw new Error(noted)
  return JSON.parse(printed)
}
const byAdminApi = () => propose('--realm', realm, '--admin-client-id', 'proposer')
async function byExport(): Promise<Proposal> {
  const exported = await below('POST', '/partial-export?exportClients=true&exportGroupsAndRoles=true')
  const file = join(folder, 'realm.json')
  await writeFile(file, JSON.stringify(exported))
  return propose('--realm-file', file)
}

withKeycloak('the Admin API and the export of a realm are proposed alike', async (t) => {
  const [told, exported] = [await byAdminApi(), await byExport()]
  t.deepEqual(told, exported)
  t.deepEqual(told.adminRoles, ['view-realm', 'view-users'])
  t.false(told.isThere)
  t.regex(told.tenantFile, /name: Personalnummer, locale: de/)
  t.true(told.warnings.some((warning) => warning.includes('"undeclared"')))
  const file = join(folder, 'acme.yaml')
  await writeFile(file, told.tenantFile)
  t.like(await claimgate('validate', '-f', file), { code: 0 })
})

withKeycloak(
  'a realm becomes a credential: client imported, tenant file applied, and what the proposal names is in the wallet',
  async (t) => {
    const { tenantFile, client, adminRoles } = await byAdminApi()
    firstFile = tenantFile
    await below('POST', '/clients', client)
    const [account] = (await below('GET', '/users?username=service-account-claimgate&exact=true')) as { id: string }[]
    const [management] = (await below('GET', '/clients?clientId=realm-management')) as { id: string }[]
    for (const name of adminRoles) {
      const role = (await below('GET', `/clients/${management?.id}/roles/${name}`)) as Json
      await below('POST', `/users/${account?.id}/role-mappings/clients/${management?.id}`, [role])
    }
    const wallet = foreignWallet()
    const file = join(folder, 'applied.yaml')
    await writeFile(file, tenantFile)
    await applyTestTenant(node.services, node.identityProvider, {
      tenantFile: file,
      walletProfiles: { foreign: { client_id: wallet.clientId, name: 'Foreign', redirect_uris: [wallet.redirectUri] } },
      settings: { staff: { wallets: ['foreign'] } },
    })
    const acme = actionsOn(node.services, globalThis.fetch, 'acme')
    const { link } = await acme.offer({ issuer: 'staff', configuration: 'EmployeeBadge' })
    const { credentials } = await wallet.claimBySignIn(link, async (url) => {
      const browser = plainBrowser()
      const signIn = await browser.go(url, {}, wallet.redirectUri)
      t.truthy(elementOf(signIn, 'kc-login'))
      const consent = await browser.press(signIn, 'kc-login', { username: 'ada', password: 'ada' }, wallet.redirectUri)
      return (await browser.press(consent, 'approve', {}, wallet.redirectUri)).url
    })
    const issuer = acme.identifierOf('staff')
    const { claims } = await readSdJwt(credentials[0] ?? '', { root: await rootOf(issuer), issuer })
    t.like(claims, {
      ...{ preferred_username: 'ada', email: 'ada@realm.example', email_verified: true, given_name: 'Ada' },
      ...{ family_name: 'Byron', name: 'Ada Byron', employee_number: 'E-7', work: { level: 41 } },
      ...{ 'acme.example/site': 'Lund', languages: ['sv', 'en'], is_staff: true, costCentre: 4711 },
      ...{ groups: ['/staff/dev'], roles: ['employee'] },
    })
    t.deepEqual(
      Object.keys(claims).filter((name) => /undeclared|nickname/.test(name)),
      [],
    )
  },
)

withKeycloak('a client that was proposed is proposed again as it is, and is told to go first', async (t) => {
  const { client, isThere, tenantFile } = await byAdminApi()
  t.true(isThere)
  t.is(tenantFile, firstFile)
  t.deepEqual(client.defaultClientScopes, ['acr', 'basic', 'email', 'hr', 'profile'])
  const words = ['--realm', realm, '--admin-client-id', 'proposer', '--out', join(folder, 'out')]
  const always = ['--url', addressOf('Keycloak'), '--public-url', node.url]
  const { code, noted } = await claimgate('propose', 'keycloak', ...always, ...words)
  t.is(code, 0)
  t.regex(noted, /kcadm\.sh delete clients\/.*clientId=claimgate.*\n.*kcadm\.sh create clients -r 'propose-/)
  t.regex(noted, /--rolename view-realm --rolename view-users/)
  t.deepEqual(JSON.parse(await readFile(join(folder, 'out/keycloak-client.json'), 'utf8')).clientId, 'claimgate')
  const again = await claimgate('propose', 'keycloak', ...always, ...words)
  t.is(again.code, 1)
  t.regex(again.noted, /EEXIST/)
})

withKeycloak('what the proposing account may not read is told by the role that it lacks', async (t) => {
  const [account] = (await below('GET', '/users?username=service-account-proposer&exact=true')) as { id: string }[]
  const [management] = (await below('GET', '/clients?clientId=realm-management')) as { id: string }[]
  const role = (await below('GET', `/clients/${management?.id}/roles/view-clients`)) as Json
  await below('DELETE', `/users/${account?.id}/role-mappings/clients/${management?.id}`, [role])
  const error = await t.throwsAsync(byAdminApi)
  t.regex(error?.message ?? '', /admin-api-denied[\s\S]*role=view-clients/)
})

import test from 'ava'
import type { BeginOptions } from '../../src/connectors/connector.ts'
import { connect, connectorSettings } from '../../src/connectors/index.ts'
import { startEntra } from '../support/entra-double.ts'
import { acme, entraClient, login, partner, people } from '../support/entra-people.ts'
import { graphError, overageOf, type Recorded, refusalOf as recorded, references } from '../support/entra-recorded.ts'
import { signInAt } from '../support/identity-provider.ts'
import { selfSigned } from '../support/self-signed.ts'
import { needs as plainNeeds, refusalOf } from '../support/upstream.ts'

const redirectUri = 'https://id.acme.example/acme/callback/entra'
const state = 'state-of-this-sign-in'
const alice = String(people.alice!.claims.oid)
const provider = { kind: 'entra-id', directory: acme, ...entraClient }
type Json = Record<string, unknown>

/** The double, and the connector with these settings at it. */
async function at(settings: object = {}, clock = () => new Date()) {
  const entra = await startEntra({ redirectUri })
  const plain = plainNeeds({ clock })
  const upstream = connect({ ...plain, fetch: entra.redirected(plain.fetch) }, { ...provider, ...settings })
  async function signIn(username = 'alice', options: Partial<BeginOptions> = {}) {
    const { url, memory } = await upstream.begin({ state, redirectUri, ...options })
    const answer = await signInAt(url, username, redirectUri, { fetch: entra.redirected(fetch) })
    return upstream.finish(answer, memory)
  }
  return { entra, upstream, signIn }
}
const plainText = (thrown: unknown) => JSON.stringify(thrown)

test('Entra ID: a person is the object id in a directory, neither `sub` nor an e-mail address', async (t) => {
  const { entra, upstream, signIn } = await at()
  t.teardown(entra.stop)
  const { account, userinfo } = await signIn()
  t.is(upstream.findUser, undefined, 'nobody said that Graph may be asked')
  t.deepEqual(account, { issuer: `${login}/${acme}/v2.0`, subject: alice })
  t.deepEqual(userinfo, {})
  t.is(upstream.issuer, account.issuer)
  t.false(
    entra.requests.some((request) => request.includes('graph.microsoft.com')),
    'UserInfo has nothing to add',
  )

  entra.idToken = ({ oid: _, ...claims }) => claims
  t.like(await refusalOf(signIn()), { code: 'server_error', fault: 'idp-error-other' })
})

test('Entra ID: a renewal tells what a sign-in would, and does not ask UserInfo either', async (t) => {
  const { entra, upstream, signIn } = await at()
  t.teardown(entra.stop)
  const { renewal, ...before } = await signIn('alice', { offline: true })
  const renewed = await upstream.renew(renewal!, async () => undefined, true)
  t.deepEqual([renewed.account, renewed.userinfo], [before.account, {}])
  t.false(entra.requests.some((request) => request.includes('graph.microsoft.com')))
})

test('Entra ID: the scope profile is always asked for, since the object id comes with it', async (t) => {
  const { entra, upstream } = await at()
  t.teardown(entra.stop)
  const needed = { scope: 'openid email', id_token: ['email'], userinfo: [], readsUserinfo: false }
  const scopeOf = async (options: Partial<BeginOptions>) =>
    (await upstream.begin({ state, redirectUri, ...options })).url.searchParams.get('scope')
  t.is(await scopeOf({ needed }), 'openid email profile')
  t.is(await scopeOf({ scope: 'openid offline_access', needed }), 'openid offline_access profile')
  t.is(await scopeOf({}), 'openid profile email')
})

test('Entra ID: a person of a directory that the settings do not name is refused', async (t) => {
  const { entra, signIn } = await at()
  t.teardown(entra.stop)
  entra.idToken = (claims) => ({ ...claims, tid: partner })
  const foreign = await refusalOf(signIn())
  t.like(foreign, { code: 'access_denied', help: 'other-organisation', fault: 'id-token-directory' })
  t.like(foreign.cause, { directory: partner })
  entra.idToken = (claims) => ({ ...claims, tid: partner, iss: `${login}/${partner}/v2.0` })
  t.like(await refusalOf(signIn()), { fault: 'id-token-iss' })
  entra.idToken = ({ tid: _, ...claims }) => claims
  t.like(await refusalOf(signIn()), { fault: 'id-token-directory' })
  entra.idToken = (claims) => ({ ...claims, tid: [acme] })
  t.like(await refusalOf(signIn()), { fault: 'id-token-directory' })
})

test('Entra ID: guests stay out where they are to, and so does everybody of whom it is not known', async (t) => {
  const { entra, signIn } = await at({ guests: 'refuse' })
  t.teardown(entra.stop)
  await t.notThrowsAsync(signIn('alice'))
  const guest = await refusalOf(signIn('bob'))
  t.like(guest, { code: 'access_denied', help: 'not-eligible', fault: 'id-token-guest' })
  t.like(guest.cause, { missing: false })
  entra.idToken = ({ acct: _, ...claims }) => claims
  t.like((await refusalOf(signIn('alice'))).cause, { fault: 'id-token-guest', missing: true })

  const open = await at()
  t.teardown(open.entra.stop)
  await t.notThrowsAsync(open.signIn('bob'))
})

test('Entra ID: groups that did not fit into the token are unknown, not absent', async (t) => {
  const { entra, signIn } = await at()
  t.teardown(entra.stop)
  const marks: Json[] = [overageOf(alice), { hasgroups: true }, { ...overageOf(alice), groups: ['some'] }]
  for (const mark of marks) {
    entra.idToken = (claims) => ({ ...claims, ...mark })
    const { id_token, unknown } = await signIn()
    t.false('groups' in id_token)
    t.like(unknown?.get('groups'), { code: 'server_error', help: 'too-many-groups' })
    t.like(unknown?.get('groups')?.cause, { fault: 'groups-overage' })
  }
  entra.idToken = (claims) => ({ ...claims, groups: ['g-1'] })
  t.like(await signIn(), { unknown: undefined, id_token: { groups: ['g-1'] } })
})

test('Entra ID: Graph tells the groups that did not fit, page by page, and the address in the token is not called', async (t) => {
  const { entra, signIn } = await at({ graph: {} })
  t.teardown(entra.stop)
  const groups = Array.from({ length: 205 }, (_, index) => ({ id: `group-${index}` }))
  entra.people.alice!.groups = groups
  const endpoint = 'https://evil.microsoft.com/steal'
  entra.idToken = (claims) => ({
    ...claims,
    ...overageOf(alice),
    _claim_sources: { src1: { endpoint } },
    groups: ['few'],
  })
  const { id_token, unknown } = await signIn()
  t.deepEqual(
    id_token.groups,
    groups.map(({ id }) => id),
  )
  t.is(unknown, undefined)
  const asked = entra.requests.filter((request) => !request.includes('login.microsoftonline.com'))
  const place = `graph.microsoft.com/v1.0/users/${alice}/getMemberObjects`
  t.deepEqual(asked, [`POST ${place}`, `GET ${place}`, `GET ${place}`])

  entra.permissions.delete('groups')
  const denied = await signIn()
  t.false('groups' in denied.id_token)
  t.like(denied.unknown?.get('groups')?.cause, { fault: 'admin-api-denied' })
})

test('Entra ID: the directory tells what is wanted of a person and no more', async (t) => {
  const { entra, upstream } = await at({ graph: { groups: 'displayName' } })
  t.teardown(entra.stop)
  const account = { issuer: `${login}/${acme}/v2.0`, subject: alice }
  t.deepEqual(await upstream.findUser!(account, ['employeeId', 'department']), {
    ...{ id: alice, accountEnabled: true, employeeId: 'E-1001', department: 'Engineering' },
  })
  t.false(entra.requests.some((request) => request.includes('transitiveMemberOf')))
  t.deepEqual(await upstream.findUser!(account, ['groups']), { id: alice, accountEnabled: true, groups: ['Staff'] })
  t.like(await upstream.findUser!(account, []), { employeeId: 'E-1001', givenName: 'Alice', groups: ['Staff'] })
  const elsewhere = { issuer: `${login}/${partner}/v2.0`, subject: alice }
  t.like(await refusalOf(upstream.findUser!(elsewhere, [])), { fault: 'id-token-directory' })
})

test('Entra ID: a name that Graph withholds is a missing permission; a group of the cloud has none on the premises', async (t) => {
  const account = { issuer: `${login}/${acme}/v2.0`, subject: alice }
  const named = await at({ graph: { groups: 'displayName' } })
  t.teardown(named.entra.stop)
  named.entra.permissions.delete('names')
  const refusal = await refusalOf(named.upstream.findUser!(account, ['groups']))
  t.like(refusal.cause, { fault: 'admin-api-denied', permission: 'User.Read.All and GroupMember.Read.All' })

  const premises = await at({ graph: { groups: 'onPremisesSamAccountName' } })
  t.teardown(premises.entra.stop)
  premises.entra.people.alice!.groups!.push({ id: 'cloud', displayName: 'Cloud', onPremisesSamAccountName: null })
  t.like(await premises.upstream.findUser!(account, ['groups']), { groups: ['staff'] })
})

test('Entra ID: the token for Graph is asked for once, until shortly before it ends or Graph refuses it', async (t) => {
  let now = Date.now()
  const { entra, upstream } = await at({ graph: {} }, () => new Date(now))
  t.teardown(entra.stop)
  const account = { issuer: `${login}/${acme}/v2.0`, subject: alice }
  const ask = () => upstream.findUser!(account, ['department'])
  const tokens = () => entra.requests.filter((request) => request.endsWith('/oauth2/v2.0/token')).length
  await Promise.all([ask(), ask(), ask()])
  now += 3568 * 1000
  await ask()
  t.is(tokens(), 1)
  now += 2 * 1000
  await ask()
  t.is(tokens(), 2, '3599 seconds less half a minute')
  entra.graphTokens.clear()
  await t.notThrowsAsync(ask())
  t.is(tokens(), 3)
  entra.answers = { [`users/${alice}`]: graphError(401, 'InvalidAuthenticationToken') }
  t.like(await refusalOf(ask()), { code: 'server_error', fault: 'admin-api-auth' })
  t.is(tokens(), 4, 'a fresh token that is refused is not replaced again')
})

test('Entra ID: what is wrong with Graph is told apart, in words that hold nobody’s name', async (t) => {
  const { entra, upstream } = await at({ graph: {} })
  t.teardown(entra.stop)
  const account = { issuer: `${login}/${acme}/v2.0`, subject: alice }
  const ask = (wanted = ['department']) => refusalOf(upstream.findUser!(account, wanted))
  const users = `users/${alice}`
  const slow = await (async () => {
    entra.answers = { [users]: { status: 429, body: {}, headers: { 'retry-after': '17' } } }
    return ask()
  })()
  t.like(slow, { code: 'temporarily_unavailable', help: 'source-unavailable', fault: 'admin-api-unavailable' })
  t.is(slow.retryAfter, 17)
  entra.answers = { [users]: { status: 503, body: {} } }
  t.like(await ask(), { fault: 'admin-api-unavailable' })
  entra.answers = {}
  t.like(await ask(['nope']), { code: 'server_error', help: 'provider-set-up', fault: 'admin-api-refused' })
  entra.permissions.delete('user')
  const denied = await ask()
  t.like(denied, { code: 'server_error', fault: 'admin-api-denied' })
  t.like(denied.cause, { status: 403, code: 'Authorization_RequestDenied', permission: 'User.Read.All' })
  t.notRegex(plainText(denied), /alice@/)
  entra.permissions.add('user')
  delete entra.people.alice!.user
  t.like(await ask(), { code: 'access_denied', help: 'source-unknown-person', fault: 'admin-api-user-missing' })

  const wrong = await at({ graph: {}, client_secret: 'not-the-secret' })
  t.teardown(wrong.entra.stop)
  const auth = await refusalOf(wrong.upstream.findUser!(account, []))
  t.like(auth, { code: 'server_error', fault: 'admin-api-auth' })
  t.like(auth.cause, { number: 'AADSTS7000215', meaning: 'idp-secret-wrong', ...references })
  t.notRegex(plainText(auth), /alice@|not-the-secret/)
  wrong.entra.answers = { '/token': recorded('AADSTS90055') }
  t.like(await refusalOf(wrong.upstream.findUser!(account, [])), { fault: 'admin-api-unavailable' })
  await entra.stop()
  t.like(await refusalOf(upstream.findUser!(account, [])), {
    code: 'temporarily_unavailable',
    fault: 'idp-unreachable',
  })
})

test('Entra ID: a next page that lies elsewhere is not asked for, for it would be shown our token', async (t) => {
  const { entra, upstream } = await at({ graph: {} })
  t.teardown(entra.stop)
  const account = { issuer: `${login}/${acme}/v2.0`, subject: alice }
  for (const next of ['https://evil.microsoft.com/v1.0/users', 'https://graph.microsoft.com.evil.example/v1.0/', 7]) {
    entra.answers = { getMemberObjects: { status: 200, body: { value: ['a'], '@odata.nextLink': next } } }
    t.like(await refusalOf(upstream.findUser!(account, ['groups'])), { fault: 'admin-api-refused' })
  }
  entra.answers = { getMemberObjects: { status: 200, body: {} } }
  t.like(await refusalOf(upstream.findUser!(account, ['groups'])), { fault: 'admin-api-refused' })
  t.false(entra.requests.some((request) => request.includes('evil')))
})

const numbers = [
  ['AADSTS50020', 'idp-wrong-directory', 'other-organisation'],
  ['AADSTS50057', 'idp-user-disabled', 'sign-in-refused'],
  ['AADSTS50105', 'idp-not-assigned', 'sign-in-refused'],
  ['AADSTS53003', 'idp-policy-blocked', 'sign-in-refused'],
  ['AADSTS54005', 'idp-code-refused', 'provider-answer'],
  ['AADSTS65001', 'idp-consent-required', 'sign-in-refused'],
  ['AADSTS90055', 'idp-throttled', 'provider-unavailable'],
  ['AADSTS700016', 'idp-client-unknown', 'provider-set-up'],
  ['AADSTS700025', 'idp-auth-method', 'provider-set-up'],
  ['AADSTS700027', 'idp-assertion-refused', 'provider-set-up'],
  ['AADSTS7000215', 'idp-secret-wrong', 'provider-set-up'],
  ['AADSTS7000222', 'idp-secret-expired', 'provider-set-up'],
  ['AADSTS40008', 'idp-broker-failed', 'provider-set-up'],
] as const satisfies [Recorded, string, string][]

test('Entra ID: its numbers are understood, and the operator is told what Microsoft’s support asks for', async (t) => {
  const { entra, upstream } = await at()
  t.teardown(entra.stop)
  const { memory } = await upstream.begin({ state, redirectUri })
  for (const [number, fault, help] of numbers) {
    const refusal = recorded(number)
    entra.answers = { '/token': refusal }
    const atToken = await refusalOf(upstream.finish(new URLSearchParams({ state, code: 'a' }), memory))
    const { error, error_description } = refusal.body as Record<string, string>
    const query = new URLSearchParams({ state, error: error!, error_description: error_description! })
    for (const refused of [atToken, await refusalOf(upstream.finish(query, memory))]) {
      t.like(refused, { fault, help }, number)
      t.like(refused.cause, { number, ...references })
      t.notRegex(plainText(refused), /alice@/)
    }
  }
  // A number that nobody knows yet says nothing: the OAuth code decides.
  const unknown = { state, error: 'interaction_required', error_description: 'AADSTS9999999: New.' }
  t.like(await refusalOf(upstream.finish(new URLSearchParams(unknown), memory)), { fault: 'idp-login-required' })
  const cancelled = { state, error: 'access_denied', error_subcode: 'cancel' }
  t.like(await refusalOf(upstream.finish(new URLSearchParams(cancelled), memory)), { fault: 'idp-declined' })
})

test('Entra ID: an authentication context is asked for by `claims`, and has to be reached', async (t) => {
  const { entra, upstream, signIn } = await at({ domain_hint: 'acme.example' })
  t.teardown(entra.stop)
  const { url } = await upstream.begin({ state, redirectUri, acrValues: ['c1'] })
  t.deepEqual(JSON.parse(url.searchParams.get('claims') ?? ''), {
    id_token: { acrs: { essential: true, value: 'c1' } },
  })
  t.is(url.searchParams.get('domain_hint'), 'acme.example')
  t.like(await refusalOf(signIn('alice', { acrValues: ['c1'] })), {
    fault: 'sign-in-too-weak',
    help: 'stronger-sign-in',
  })
  entra.idToken = (claims) => ({ ...claims, acrs: ['c1', 'c3'] })
  await t.notThrowsAsync(signIn('alice', { acrValues: ['c1'] }))
  t.is((await upstream.begin({ state, redirectUri, acrValues: ['gold'] })).url.searchParams.get('claims'), null)
})

test('Entra ID: a directory is named by its GUID, several are listed, and everybody is not an answer', (t) => {
  const pointers = (settings: object) => {
    const checked = connectorSettings({ ...provider, ...settings })
    return 'mistakes' in checked ? checked.mistakes.map(({ pointer }) => pointer) : []
  }
  t.deepEqual(pointers({}), [])
  t.deepEqual(pointers({ directory: acme.toUpperCase(), cloud: 'china', graph: { groups: 'displayName' } }), [])
  t.deepEqual(pointers({ directory: 'organizations', directories: [acme, partner] }), [])
  t.deepEqual(pointers({ directory: 'organizations' }), ['/directories'])
  t.deepEqual(pointers({ directories: [partner] }), ['/directories'])
  for (const directory of ['common', 'consumers', 'acme.onmicrosoft.com', '', undefined])
    t.deepEqual(pointers({ directory }), ['/directory'], String(directory))
  t.deepEqual(pointers({ cloud: 'moon' }), ['/cloud'])
  t.deepEqual(pointers({ issuer: login }), ['/issuer'])
})

const twoDirectories = { directory: 'organizations', directories: [acme, partner] }

test('Entra ID: of several directories each person is of the one that the token is from, and only those named are let in', async (t) => {
  const { entra, upstream, signIn } = await at({ ...twoDirectories, graph: {} })
  t.teardown(entra.stop)
  t.regex((await upstream.begin({ state, redirectUri })).url.pathname, /^\/organizations\//)
  t.deepEqual((await signIn()).account, { issuer: `${login}/${acme}/v2.0`, subject: alice })
  entra.idToken = (claims) => ({ ...claims, tid: partner, iss: `${login}/${partner}/v2.0` })
  const { account } = await signIn()
  t.deepEqual(account, { issuer: `${login}/${partner}/v2.0`, subject: alice })

  await upstream.findUser!(account, ['department'])
  t.true(entra.requests.includes(`POST login.microsoftonline.com/${partner}/oauth2/v2.0/token`))

  const stranger = '11111111-2222-4333-8444-555555555555'
  entra.idToken = (claims) => ({ ...claims, tid: stranger, iss: `${login}/${stranger}/v2.0` })
  const refusal = await refusalOf(signIn())
  t.like(refusal, { code: 'access_denied', help: 'other-organisation', fault: 'id-token-directory' })
  // A directory that is allowed does not vouch for the issuer of another one.
  entra.idToken = (claims) => ({ ...claims, tid: acme, iss: `${login}/${stranger}/v2.0` })
  t.like(await refusalOf(signIn()), { fault: 'id-token-iss' })
  entra.idToken = (claims) => ({ ...claims, tid: stranger, iss: `${login}/${acme}/v2.0` })
  t.like(await refusalOf(signIn()), { fault: 'id-token-directory' })
})

test('Entra ID: personal accounts come in only where their directory is named', async (t) => {
  const personal = '9188040d-6c67-4c5b-b112-36a304b66dad'
  const { entra, upstream, signIn } = await at({ directory: 'organizations', directories: [acme, personal] })
  t.teardown(entra.stop)
  t.regex((await upstream.begin({ state, redirectUri })).url.pathname, /^\/common\//)
  entra.idToken = (claims) => ({ ...claims, tid: personal, iss: `${login}/${personal}/v2.0` })
  await t.notThrowsAsync(signIn())
  const closed = await at(twoDirectories)
  t.teardown(closed.entra.stop)
  closed.entra.idToken = entra.idToken
  t.like(await refusalOf(closed.signIn()), { fault: 'id-token-directory' })
})

test('Entra ID: a certificate stands in for the secret, at the sign-in and at Graph', async (t) => {
  const { certificate, key } = await selfSigned('RSA')
  const byCertificate = { client_secret: undefined, client_certificate: certificate, client_key: key }
  const { entra, upstream, signIn } = await at({ ...byCertificate, graph: {} })
  t.teardown(entra.stop)
  entra.certificate = certificate
  const { account } = await signIn()
  t.like(await upstream.findUser!(account, ['employeeId']), { employeeId: 'E-1001' })

  entra.certificate = (await selfSigned('RSA')).certificate
  t.like(await refusalOf(signIn()), { code: 'server_error', fault: 'idp-assertion-refused' })
})

test('Entra ID: an application has a secret, or a certificate with its RSA key', async (t) => {
  const [rsa, other, ec] = await Promise.all([selfSigned('RSA'), selfSigned('RSA'), selfSigned('EC')])
  const pointers = (settings: object) => {
    const checked = connectorSettings({ kind: 'entra-id', directory: acme, client_id: 'a', ...settings })
    return 'mistakes' in checked ? checked.mistakes.map(({ pointer }) => pointer) : []
  }
  const [client_certificate, client_key] = [rsa.certificate, rsa.key]
  t.deepEqual(pointers({ client_certificate, client_key }), [])
  t.deepEqual(pointers({}), ['/client_secret'])
  t.deepEqual(pointers({ client_key }), ['/client_key'])
  t.deepEqual(pointers({ client_certificate }), ['/client_key'])
  t.deepEqual(pointers({ client_certificate, client_key: other.key }), ['/client_key'])
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'
  t.deepEqual(pointers({ client_certificate: broken, client_key }), ['/client_certificate'])
  t.deepEqual(pointers({ client_certificate: ec.certificate, client_key: ec.key }), ['/client_key'])
  t.true(pointers({ client_certificate, client_key, client_secret: 'a' }).length > 0)
})

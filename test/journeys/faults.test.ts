import { readFile } from 'node:fs/promises'
import test from 'ava'
import type { FaultId } from '../../src/connectors/faults.ts'
import { type FaultHelp, faultHelp } from '../../src/model/faults/index.ts'
import type { ExternalFault } from '../../src/tokens/faults.ts'
import { faultsPage } from '../reference.ts'
import { commandLine } from '../support/command-line.ts'
import type { Spoil } from '../support/identity-provider.ts'
import { startTestNode } from '../support/node.ts'
import { elementOf } from '../support/plain-browser.ts'
import { anybody, assertTold, newestSession, referenceOn, type Told, traceOf } from '../support/session-trace.ts'

/** The type checker sees to it that no fault of a connector is without a cause and a fix. */
const helpOfAll: Record<FaultId | ExternalFault, FaultHelp> = faultHelp

type Json = Record<string, unknown>
type Row = Told & { spoil: Spoil; username?: string; facts?: Json }

const discovery = '/.well-known/openid-configuration'
const html = { type: 'text/html', body: '<h1>Bad gateway</h1>' }
const json = (status: number, body: Json, headers: Record<string, string> = {}) => ({
  status,
  body: JSON.stringify(body),
  headers,
})
const now = () => Math.floor(Date.now() / 1000)

const setUp = { help: 'provider-set-up', error: 'server_error' }
const later = { help: 'provider-unavailable', error: 'temporarily_unavailable' }
const foreign = { help: 'provider-answer', error: 'access_denied' }
const noAccess = { help: 'sign-in-refused', error: 'access_denied' }

/** What goes wrong before the person sees the provider's page. */
const onTheWay: Record<string, Row> = {
  'idp-discovery-status': { ...setUp, spoil: { answers: { [discovery]: { status: 404, ...html } } } },
  'idp-unreachable': { ...later, spoil: { answers: { [discovery]: { status: 502, ...html } } } },
  'idp-discovery-not-json': { ...setUp, spoil: { answers: { [discovery]: html } } },
  'idp-issuer-mismatch': {
    ...setUp,
    spoil: { json: { [discovery]: (body) => ({ ...body, issuer: `${body.issuer}/` }) } },
  },
  'idp-metadata-insufficient': {
    ...setUp,
    spoil: { json: { [discovery]: (body) => ({ ...body, id_token_signing_alg_values_supported: ['HS256'] }) } },
  },
  'idp-auth-method': {
    ...setUp,
    spoil: {
      json: { [discovery]: (body) => ({ ...body, token_endpoint_auth_methods_supported: ['private_key_jwt'] }) },
    },
    facts: { asked: ['client_secret_basic', 'client_secret_post'], offered: ['private_key_jwt'] },
  },
  'idp-throttled': { ...later, spoil: { answers: { [discovery]: { status: 429, headers: { 'retry-after': '9' } } } } },
}

/** The provider sends the person back with an error. */
const answered = (error: string, error_description = ''): Spoil => ({
  callback: (query) => {
    query.delete('code')
    query.set('error', error)
    if (error_description) query.set('error_description', error_description)
  },
})
const atAuthorization: Record<string, Row> = {
  'idp-request-refused': { ...setUp, spoil: answered('invalid_request', 'Missing parameter: of alice@acme.example') },
  'idp-request-object-required': { ...setUp, spoil: answered('request_not_supported') },
  'idp-scope-unknown': { ...setUp, spoil: answered('invalid_scope') },
  'idp-flow-off': { ...setUp, spoil: answered('unauthorized_client') },
  'idp-consent-required': { ...noAccess, spoil: answered('consent_required') },
  'idp-temporarily-unavailable': { ...later, spoil: answered('server_error') },
  'idp-not-assigned': {
    ...noAccess,
    spoil: answered('access_denied', 'User is not assigned to the client application.'),
  },
  'idp-policy-blocked': { ...noAccess, spoil: answered('unmet_authentication_requirements') },
  'idp-login-required': { help: 'sign-in-cancelled', error: 'access_denied', spoil: answered('login_required') },
  'idp-error-other': { ...setUp, spoil: answered('who-knows') },
  'callback-wrong-provider': {
    ...foreign,
    spoil: { callback: (query) => query.set('iss', 'https://other.example') },
  },
  'callback-iss-missing': { ...setUp, spoil: { callback: (query) => query.delete('iss') } },
  'callback-malformed': { ...setUp, spoil: { callback: (query) => query.append('code', 'second') } },
}

const token = (status: number, body: Json): Spoil => ({ answers: { '/token': json(status, body) } })
const claims = (changed: Json): Spoil => ({ idToken: (honest) => ({ ...honest, ...changed }) })
/** What goes wrong between the callback and the claims. */
const afterwards: Record<string, Row> = {
  'idp-secret-wrong': { ...setUp, spoil: token(401, { error: 'invalid_client' }) },
  'idp-code-refused': { ...foreign, spoil: token(400, { error: 'invalid_grant' }) },
  'idp-dpop-refused': { ...setUp, spoil: token(400, { error: 'invalid_dpop_proof' }) },
  'idp-token-type': { ...setUp, spoil: token(200, { token_type: 'Bearer', id_token: 'a.b.c' }) },
  'idp-no-id-token': { ...setUp, spoil: { json: { '/token': ({ id_token: _, ...body }) => body } } },
  'idp-keys-unavailable': {
    ...later,
    spoil: { header: { kid: 'a new one' }, answers: { '/jwks': { status: 503, ...html } } },
  },
  'id-token-signature': { ...foreign, spoil: { stranger: true } },
  'id-token-key-missing': { ...later, spoil: { header: { kid: 'nobody’s' } } },
  'id-token-alg': { ...setUp, spoil: { header: { alg: 'none' } } },
  'id-token-iss': { ...foreign, spoil: claims({ iss: 'https://other.example' }) },
  'id-token-aud': { ...foreign, spoil: claims({ aud: 'another' }) },
  'id-token-nonce': { ...foreign, spoil: claims({ nonce: 'another' }) },
  'id-token-expired': { ...foreign, spoil: claims({ iat: now() + 600, exp: now() + 900 }) },
  'id-token-at-hash': { ...foreign, spoil: claims({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }) },
  'id-token-encrypted': { ...setUp, spoil: { json: { '/token': (body) => ({ ...body, id_token: 'a.b.c.d.e' }) } } },
  'id-token-impersonated': {
    help: 'not-eligible',
    error: 'access_denied',
    spoil: claims({ act: { sub: 'root' } }),
  },
  'sign-in-too-old': {
    help: 'sign-in-too-old',
    error: 'access_denied',
    spoil: claims({ acr: 'gold', auth_time: now() - 86_400 }),
  },
  'sign-in-too-weak': {
    help: 'stronger-sign-in',
    error: 'access_denied',
    spoil: claims({ acr: 'bronze', auth_time: now() }),
  },
  'userinfo-refused': { ...setUp, spoil: { answers: { '/me': { status: 403, body: '{}' } } } },
  'userinfo-signature': {
    ...foreign,
    spoil: { answers: { '/me': { type: 'application/jwt', body: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.' } } },
  },
  'userinfo-subject': { ...foreign, spoil: { json: { '/me': (body) => ({ ...body, sub: 'bob' }) } } },
  'userinfo-failed': { ...later, spoil: { answers: { '/me': { status: 500, ...html } } } },
  'groups-overage': {
    ...{ help: 'too-many-groups', error: 'server_error', facts: { most: 3 } },
    spoil: claims({ groups: ['staff', 'lead', 'driver'] }),
  },
  'claim-missing': { help: 'missing-claim', error: 'access_denied', spoil: {}, username: 'bob' },
  'claim-invalid': {
    help: 'claim-not-usable',
    error: 'access_denied',
    spoil: { idToken: (honest) => ({ ...honest, employee_number: { of: 'no use' } }) },
  },
  'mapping-broken': {
    help: 'claim-not-usable',
    error: 'access_denied',
    spoil: { idToken: (honest) => ({ ...honest, department: { of: 'no use' } }) },
  },
}

const strict = { id: 'idp', acr_values: ['gold'], max_age: 600 }
const settings = {
  staff: {
    grants: { authorization_code: { identity_providers: ['idp'] } },
    credential_configurations: {
      EmployeeBadge: {
        format: 'dc+sd-jwt',
        claims: {
          given_name: { from: 'id_token.given_name', mandatory: true },
          employee_id: { from: ['id_token.employee_number', 'userinfo.employee_number'], mandatory: true },
          department: { cel: 'id_token.department.upperAscii()' },
          teams: { from: 'id_token.groups', type: 'list(string)' },
        },
      },
    },
  },
}
const node = await startTestNode({ settings, providers: { idp: { groups_limit: 3 } } })
const strictNode = await startTestNode({
  settings: { staff: { grants: { authorization_code: { identity_providers: [strict] } } } },
})
const fresh = await startTestNode()
test.after.always(() => Promise.all([node, strictNode, fresh].map((one) => one.stop())))

for (const [fault, row] of Object.entries({ ...onTheWay, ...atAuthorization, ...afterwards })) {
  const isEarly = fault in onTheWay
  const at = isEarly ? fresh : fault.startsWith('sign-in-too') ? strictNode : node
  test.serial(`OIDC Core §3.1: ${fault}: wallet, person and operator are each told what they can do`, async (t) => {
    const wallet = at.wallet('staff')
    const person = anybody(wallet.redirectUri)
    const url = await wallet.authorizeUrl()
    const provider = at.identityProvider
    const isAtCallback = fault in atAuthorization
    // What the discovery document said is forgotten: five seconds after a failure.
    if (isEarly) at.wait({ seconds: 6 })
    provider.spoil = isEarly || isAtCallback ? row.spoil : {}
    const callback = isEarly ? url : await person.signIn(url, row.username ?? 'alice', `${at.url}/test/callback/idp`)
    provider.spoil = row.spoil
    const page = await person.go(callback)
    provider.spoil = {}
    const { language } = person
    const { spoil: _, username: __, ...told } = row
    await assertTold(t, at, page, { ...told, fault, language, wallet })
  })
}

test('docs/reference/faults.md has every fault with its cause and its fix, as the code has it', async (t) => {
  const page = await readFile(new URL('../../docs/reference/faults.md', import.meta.url), 'utf8')
  t.is(page, faultsPage(), 'run `node test/reference.ts`')
})

test('OIDC Core §3.1: no two faults share the cause that an operator reads, nor what mends it', (t) => {
  for (const member of ['cause', 'fix'] as const) {
    const seen = new Map<string, string>()
    for (const [id, help] of Object.entries(helpOfAll)) {
      t.is(seen.get(help[member]), undefined, `${id}: ${member}`)
      seen.set(help[member], id)
    }
  }
})

test.serial(
  'OIDC Core §3.1: of a person who never comes back the trace says what to compare at the provider',
  async (t) => {
    const wallet = fresh.wallet('staff')
    fresh.wait({ seconds: 6 })
    const signIn = await anybody(wallet.redirectUri).go(await wallet.authorizeUrl())
    t.truthy(elementOf(signIn, 'sign-in'))
    const session = await newestSession(fresh)
    const show = () => traceOf(fresh, session)
    const open = await show()
    t.is(open.unfinished, undefined)
    t.deepEqual(
      open.events.map(({ type, leg }) => `${leg} ${type}`),
      ['wallet session.requested', 'sign-in session.sent'],
    )
    fresh.wait({ minutes: 16 })
    t.like((await show()).unfinished, {
      fault: 'idp-no-return',
      redirect_uri: `${fresh.url}/test/callback/idp`,
      client_id: 'claimgate',
      ...faultHelp['idp-no-return'],
    })
  },
)

test.serial(
  'RFC 6749 §5.2, OpenID4VCI §8.3.1: what a wallet is refused stands in the trace of its session, fifty times at most',
  async (t) => {
    const wallet = node.wallet('staff')
    const { code } = await wallet.signIn()
    const wrong = await wallet.redeem({ code }, undefined, {
      code_verifier: 'not-the-verifier-of-this-request-0123456789-abcdef',
    })
    t.is(wrong.status, 400)
    const token = await wallet.redeem({ code })
    t.is(token.status, 200)
    const [{ session_id }] = await node.services.database.db('events').where({ type: 'session.wallet_refused' })
    const events = async () =>
      (await traceOf(node, `ses_${session_id}`)).events.filter(({ type }) => type === 'session.wallet_refused')
    t.like((await events())[0], { leg: 'wallet', details: { endpoint: 'token', error: 'invalid_grant' } })
    t.regex(String((await events())[0]?.details.reason), /code_verifier/)
    for (let n = 0; n < 55; n++) {
      const answer = await fetch(`${wallet.issuer}/credential`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token.body.access_token}`, 'content-type': 'application/json' },
        body: '{}',
      })
      t.is(answer.status, 400)
    }
    const all = await events()
    t.is(all.length, 50)
    t.like(all[1]?.details, { endpoint: 'credential', error: 'invalid_credential_request' })
  },
)

test.serial(
  'a person’s reference leads an operator at the terminal to the time line, the cause and the fix',
  async (t) => {
    const wallet = node.wallet('staff')
    const { go, signIn } = anybody(wallet.redirectUri)
    const page = await go(await signIn(await wallet.authorizeUrl(), 'bob', `${node.url}/test/callback/idp`))
    const reference = referenceOn(page)
    const show = (id: string) => commandLine(node.url, ['session', 'show', 'test/staff', id])
    const found = await show(reference.toLowerCase())
    t.is(found.code, 0, found.text)
    t.regex(found.text, /^ses_\S+ is failed\n\S+ {2}wallet {3}session\.requested/)
    t.regex(found.text, new RegExp(`session\\.refused {2}${reference} .*fault=claim-missing`))
    const { cause, fix } = faultHelp['claim-missing']
    t.true(found.text.includes(`    why: ${cause}\n    fix: ${fix}`), found.text)
    const [id = ''] = found.text.split(' ')
    t.is((await show(id)).text, found.text)
    t.is((await show('ZZZZ-ZZZZ')).code, 1)
  },
)

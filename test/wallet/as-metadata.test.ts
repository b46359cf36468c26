import test from 'ava'
import { startTestNode } from '../support/node.ts'

const settings = { registry: { anonymous_wallets: false, wallets: ['test'], dpop: 'off' } }
const node = await startTestNode({ settings })
test.after.always(() => node.stop())

const preAuthorizedCode = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
type Members = Record<string, unknown>
const read = async (address: string) => (await (await fetch(address, { redirect: 'error' })).json()) as Members
const documentOf = (issuer: string) => read(`${node.url}/.well-known/oauth-authorization-server/test/${issuer}`)

test('VCI-7, RFC 8414 §3: every well-known form gives one document, which names the issuer as it is known', async (t) => {
  const identifier = node.identifierOf('campus')
  const whole = await documentOf('campus')
  t.is(whole.issuer, identifier)
  for (const name of ['oauth-authorization-server', 'openid-configuration']) {
    t.deepEqual(await read(`${node.url}/.well-known/${name}/test/campus`), whole)
    t.deepEqual(await read(`${node.url}/.well-known/${name}/test/campus/`), whole)
    t.deepEqual(await read(`${identifier}/.well-known/${name}`), whole)
  }
  const answer = await fetch(`${node.url}/.well-known/oauth-authorization-server/test/campus`)
  t.is(answer.headers.get('content-type'), 'application/json')
})

test('VCI-18, VCI-27: the metadata of both flows says what is served', async (t) => {
  const identifier = node.identifierOf('campus')
  t.deepEqual(await documentOf('campus'), {
    issuer: identifier,
    authorization_endpoint: `${identifier}/authorize`,
    pushed_authorization_request_endpoint: `${identifier}/par`,
    require_pushed_authorization_requests: false,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    scopes_supported: ['StudentCard', 'TransitPass'],
    token_endpoint: `${identifier}/token`,
    token_endpoint_auth_methods_supported: ['none'],
    status_list_aggregation_endpoint: `${identifier}/status-lists`,
    revocation_endpoint: `${identifier}/revoke`,
    revocation_endpoint_auth_methods_supported: ['none'],
    jwks_uri: `${identifier}/jwks`,
    grant_types_supported: ['authorization_code', preAuthorizedCode],
    'pre-authorized_grant_anonymous_access_supported': true,
    authorization_details_types_supported: ['openid_credential'],
    dpop_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA'],
  })
})

test('VCI-27: an issuer of one flow speaks of that flow only', async (t) => {
  const bySignIn = await documentOf('staff')
  t.deepEqual(bySignIn.grant_types_supported, ['authorization_code'])
  t.false('pre-authorized_grant_anonymous_access_supported' in bySignIn)
  const byCode = await documentOf('registry')
  t.deepEqual(byCode.grant_types_supported, [preAuthorizedCode])
  for (const member of ['authorization_endpoint', 'pushed_authorization_request_endpoint', 'response_types_supported'])
    t.false(member in byCode, member)
})

test('VCI-27: a grant type that is not in the metadata is refused as such', async (t) => {
  const unserved = { status: 400, body: { error: 'unsupported_grant_type' } }
  const wallet = node.wallet('registry')
  t.like(await wallet.redeem({ code: 'code' }), unserved)
  t.like(await wallet.redeem('code', undefined, { grant_type: 'password' }), unserved)
  t.like(await node.wallet('staff').redeem('no-such-code'), unserved)
})

test('VCI-28: where the metadata does not allow anonymous wallets, only one that the issuer knows gets a token', async (t) => {
  t.is((await documentOf('registry'))['pre-authorized_grant_anonymous_access_supported'], false)
  const { code } = await node.offer({ txCode: '123456' })
  const wallet = node.wallet('registry')
  t.like(await wallet.redeem(code, '123456'), { status: 400, body: { error: 'invalid_client' } })
  const stranger = await wallet.redeem(code, '123456', { client_id: 'stranger' })
  t.like(stranger, { status: 400, body: { error: 'invalid_client' } })
  t.is((await wallet.redeem(code, '123456', { client_id: 'test-wallet' })).status, 200)
})

test('VCI-53, RFC 6749 §5.2: who is refused as a client and used the Authorization header is told so with 401', async (t) => {
  const { code } = await node.offer({ txCode: '123456' })
  const headers = { authorization: `Basic ${Buffer.from('stranger:secret').toString('base64')}` }
  const answer = await node.wallet('registry').redeem(code, '123456', { client_id: 'stranger' }, { headers })
  t.like(answer, { status: 401, body: { error: 'invalid_client' } })
  t.regex(answer.headers.get('www-authenticate') ?? '', /^Basic /)
})

test('VCI-27, RFC 9449 §5.1: without DPoP the metadata has no algorithms for it, and a proof binds nothing', async (t) => {
  t.false('dpop_signing_alg_values_supported' in (await documentOf('registry')))
  const { code } = await node.offer({ txCode: '123456' })
  const wallet = node.wallet('registry', { dpop: true })
  const token = await wallet.redeem(code, '123456', { client_id: 'test-wallet' })
  t.is(token.body.token_type, 'Bearer', token.text)
  t.is((await wallet.credential(token)).status, 200)
})

test('VCI-27, RFC 7517: jwks_uri leads to public keys with different names', async (t) => {
  const { jwks_uri } = await documentOf('campus')
  const { keys } = (await read(String(jwks_uri))) as { keys: Members[] }
  t.true(keys.length > 0)
  t.is(new Set(keys.map(({ kid }) => kid)).size, keys.length)
  for (const key of keys) t.false('d' in key)
})

import test, { type ExecutionContext } from 'ava'
import { checkTxCode } from '../../src/issuance/check-tx-code.ts'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'
import { portal } from '../support/portal.ts'
import { isRefused } from '../support/refusals.ts'

const node = await startTestNode()
test.after.always(() => node.stop())

const campus = node.wallet('campus')
const registry = node.wallet('registry')
const detail = (id: string, more = {}) => ({ type: 'openid_credential', credential_configuration_id: id, ...more })
const namedIn = (answer: { body: { authorization_details: { credential_configuration_id: string }[] } }) =>
  answer.body.authorization_details.map(({ credential_configuration_id }) => credential_configuration_id)

test('VCI-46, VCI-47, VCI-51, VCI-56, RFC 6749 §5.1: a pre-authorized code buys a short-lived token that nobody may cache', async (t) => {
  const { status, headers, body } = await campus.redeem((await node.offer()).code)
  t.is(status, 200)
  t.is(headers.get('content-type'), 'application/json')
  t.is(headers.get('cache-control'), 'no-store')
  t.is(headers.get('pragma'), 'no-cache')
  t.deepEqual(Object.keys(body), ['access_token', 'token_type', 'expires_in', 'authorization_details'])
  t.regex(body.access_token, /^[A-Za-z0-9_-]{43}$/)
  t.is(body.token_type, 'Bearer')
  t.is(body.expires_in, 300)
})

test('VCI-49, VCI-51: the token covers what was offered, each credential under an identifier of its own', async (t) => {
  const token = await campus.redeem((await node.offer({ configuration: ['TransitPass', 'StudentCard'] })).code)
  t.deepEqual(namedIn(token), ['TransitPass', 'StudentCard'])
  const identifiers = token.body.authorization_details.flatMap((entry) => entry.credential_identifiers)
  t.is(new Set(identifiers).size, 2)
  for (const entry of token.body.authorization_details) t.like(entry, { type: 'openid_credential' })
  t.deepEqual(namedIn(await campus.redeem((await node.offer()).code)), ['StudentCard'])
})

test('VCI-53, VCI-54: everything about a pre-authorized code that is refused has its error code', async (t) => {
  const { offer } = node
  const [plain, pin, used, withdrawn] = [await offer(), '004217', await offer(), await offer()]
  const withPin = await offer({ txCode: pin })
  t.is((await campus.redeem(used.code)).status, 200)
  await portal(node.url).withdraw('campus', `off_${withdrawn.id}`)
  const refusals = [
    ['tx_code sent, none expected', 'invalid_request', campus.redeem(plain.code, '1234')],
    ['tx_code expected, not sent', 'invalid_request', registry.redeem(withPin.code)],
    ['tx_code expected, empty', 'invalid_request', registry.redeem(withPin.code, '')],
    ['wrong tx_code', 'invalid_grant', registry.redeem(withPin.code, '004218')],
    ['leading zeros count', 'invalid_grant', registry.redeem(withPin.code, '4217')],
    ['far too long', 'invalid_grant', registry.redeem(withPin.code, pin.repeat(50))],
    ['never offered', 'invalid_grant', campus.redeem('no-such-code')],
    ['far too long a code', 'invalid_grant', campus.redeem('x'.repeat(10_000))],
    ['no code', 'invalid_request', campus.redeem('')],
    ['used before', 'invalid_grant', campus.redeem(used.code)],
    ['withdrawn', 'invalid_grant', campus.redeem(withdrawn.code)],
    ['of another issuer', 'invalid_grant', registry.redeem(plain.code)],
  ] as const
  for (const [name, error, answer] of refusals) isRefused(t, await answer, error, name)
  t.is((await campus.redeem(plain.code)).status, 200, 'what was refused has spent nothing')
  t.is((await registry.redeem(withPin.code, pin)).status, 200)
})

test('VCI-55: five wrong tx_codes lock an offer, even for the right one', async (t) => {
  const { id, code } = await node.offer({ txCode: '004217' })
  for (const guess of ['000001', '000002', '000003', '000004', '000005'])
    isRefused(t, await registry.redeem(code, guess), 'invalid_grant', guess)
  isRefused(t, await registry.redeem(code, '004217'), 'invalid_grant')
  const events = await node.services.database.db('events').where({ offer_id: id, type: 'offer.burnt' })
  t.is(events.length, 1, 'and this is known once')
})

test('VCI-55: of guesses at once, too, the last is known to have locked the offer', async (t) => {
  const { id } = await node.offer({ txCode: '004217' })
  const { services } = node
  const issuer = await node.issuer('registry')
  const offer = await services.tables.offers.find(issuer, id)
  // Below HTTP, where they are at the database at the same time for sure.
  const guesses = ['000001', '000002', '000003', '000004', '000005'].map((guess) =>
    checkTxCode(services, issuer, offer!, guess),
  )
  for (const { status } of await Promise.allSettled(guesses)) t.is(status, 'rejected')
  const events = await node.services.database.db('events').where({ offer_id: id, type: 'offer.burnt' })
  t.is(events.length, 1)
})

test('VCI-53, VCI-122, RFC 6749 §4.1.3: everything about an authorization code that is refused has its error code', async (t) => {
  const grant = await campus.signIn()
  const code_verifier = 'w'.repeat(43)
  const refusals = [
    ['no code_verifier', 'invalid_grant', campus.redeem(grant, undefined, { code_verifier: undefined })],
    ['wrong code_verifier', 'invalid_grant', campus.redeem(grant, undefined, { code_verifier })],
    ['code_verifier that is none', 'invalid_grant', campus.redeem(grant, undefined, { code_verifier: 'short' })],
    ["other client's code", 'invalid_grant', campus.redeem(grant, undefined, { client_id: 'foreign-wallet' })],
    ['no client_id', 'invalid_request', campus.redeem(grant, undefined, { client_id: undefined })],
    ['other redirect_uri', 'invalid_grant', campus.redeem(grant, undefined, { redirect_uri: 'https://evil.example' })],
    ['never given', 'invalid_grant', campus.redeem({ code: 'no-such-code' })],
    ['of another issuer', 'invalid_grant', node.wallet('staff').redeem(grant)],
    ['tx_code with it', 'invalid_request', campus.redeem(grant, undefined, { tx_code: '1234' })],
  ] as const
  for (const [name, error, answer] of refusals) isRefused(t, await answer, error, name)
  t.is((await campus.redeem(grant)).status, 200, 'what was refused has spent nothing')
  isRefused(t, await campus.redeem(grant), 'invalid_grant', 'reused')
})

test('VCI-46, VCI-53: what is no token request is refused as such', async (t) => {
  const { code } = await node.offer()
  const form = 'application/x-www-form-urlencoded'
  const as = (type: string, raw: string) =>
    campus.redeem(code, undefined, {}, { raw, headers: { 'content-type': type } })
  const whole = `grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code&pre-authorized_code=${code}`
  const refusals = [
    ['no grant_type', 'invalid_request', campus.redeem(code, undefined, { grant_type: undefined })],
    ['empty grant_type', 'invalid_request', campus.redeem(code, undefined, { grant_type: '' })],
    ['unknown grant_type', 'unsupported_grant_type', campus.redeem(code, undefined, { grant_type: 'implicit' })],
    ['nothing', 'invalid_request', as(form, '')],
    ['JSON', 'invalid_request', as('application/json', JSON.stringify({ grant_type: 'x' }))],
    ['no type', 'invalid_request', as('text/plain', whole)],
    ['a repeated parameter', 'invalid_request', as(form, `${whole}&pre-authorized_code=${code}`)],
    ['a repeated unknown parameter', 'invalid_request', as(form, `${whole}&x=1&x=1`)],
  ] as const
  for (const [name, error, answer] of refusals) isRefused(t, await answer, error, name)
  t.is((await as(`${form}; charset=UTF-8`, whole)).status, 200)
})

test('VCI-43, VCI-50: unknown parameters are ignored', async (t) => {
  const { code } = await node.offer()
  t.is(
    (await campus.redeem(code, undefined, { user_pin: '1234', 'x[y]': '1', __proto__x: 'z', scope: 'all' })).status,
    200,
  )
})

test('VCI-48: a token request may ask for less than was granted, and the token then reaches no further', async (t) => {
  const { code } = await node.offer({ configuration: ['StudentCard', 'TransitPass'] })
  const narrow = { authorization_details: [detail('TransitPass', { unknown: true })] }
  const token = await campus.redeem(code, undefined, narrow)
  t.is(token.status, 200, token.text)
  t.deepEqual(namedIn(token), ['TransitPass'])
  t.is((await campus.credential(token)).status, 200)
  const { access_token } = token.body
  isRefused(t, await campus.credential(access_token, { configurationId: 'StudentCard' }), {
    error: 'insufficient_scope',
    status: 403,
  })
})

test('VCI-8, VCI-48: a token request can not ask for more than was granted, and a try at it spends nothing', async (t) => {
  const { code } = await node.offer({ txCode: '004217' })
  const refused = {
    'not offered': [detail('StudentCard')],
    'one too many': [detail('ResidencePermit'), detail('StudentCard')],
    'of another type': [{ type: 'payment' }],
    'without an id': [{ type: 'openid_credential' }],
    'at another issuer': [detail('ResidencePermit', { locations: [node.identifierOf('campus')] })],
    empty: '[]',
    'no list': 'ResidencePermit',
  }
  for (const [name, authorization_details] of Object.entries(refused))
    isRefused(
      t,
      await registry.redeem(code, '004217', { authorization_details }),
      'invalid_authorization_details',
      name,
    )
  const locations = [node.identifierOf('registry')]
  const asked = { authorization_details: [detail('ResidencePermit', { locations })] }
  t.is((await registry.redeem(code, '004217', asked)).status, 200, 'the right PIN was no wrong try')
})

test('VCI-63, RFC 6749 §3.3: a scope that was granted is named, without what the token request gave up', async (t) => {
  const members = { scope: 'StudentCard TransitPass unknown', authorization_details: undefined }
  const token = await campus.redeem(await campus.signIn({ members }))
  t.deepEqual(token.body.scope, 'StudentCard TransitPass', token.text)
  t.false('authorization_details' in token.body)
  const narrowing = { authorization_details: [detail('TransitPass')] }
  const narrowed = await campus.redeem(await campus.signIn({ members }), undefined, narrowing)
  t.is(narrowed.body.scope, 'TransitPass', narrowed.text)
  t.deepEqual(namedIn(narrowed), ['TransitPass'])
})

test('VCI-8, RFC 8707 §2: resource may name this issuer, also twice, and no other', async (t) => {
  const { code } = await node.offer()
  const [here, there] = [node.identifierOf('campus'), node.identifierOf('registry')]
  isRefused(t, await campus.redeem(code, undefined, { resource: there }), 'invalid_target')
  isRefused(t, await campus.redeem(code, undefined, { resource: [there, here] }), 'invalid_target')
  t.is((await campus.redeem(code, undefined, { resource: [here, here] })).status, 200)
})

test('VCI-53: codes of one tenant are nothing at another', async (t) => {
  const other = await addOtherTenant(node)
  const [here, there] = [await node.offer(), await other.offer()]
  isRefused(t, await other.wallet('campus').redeem(here.code), 'invalid_grant')
  isRefused(t, await campus.redeem(there.code), 'invalid_grant')
  const token = await other.wallet('campus').redeem(there.code)
  t.is((await campus.credential(token)).status, 401)
  t.is((await other.wallet('campus').credential(token)).status, 200)
})

test('VCI-119, VCI-122: a code that comes again ends what it yielded, but not within a second', async (t) => {
  const aged = await startTestNode()
  t.teardown(() => aged.stop())
  const wallet = aged.wallet('campus')
  for (const grant of [(await aged.offer()).code, await wallet.signIn()]) {
    const token = await wallet.redeem(grant)
    isRefused(t, await wallet.redeem(grant), 'invalid_grant')
    t.is((await wallet.credential(token)).status, 200, 'racing retries do not kill the winner')
    aged.wait({ seconds: 2 })
    isRefused(t, await wallet.redeem(grant), 'invalid_grant')
    t.is((await wallet.credential(token)).status, 401)
  }
})

/** An offer with this PIN that its owner redeemed long enough ago for a repetition to count. */
const spentOffer = async (t: ExecutionContext, txCode: string) => {
  const aged = await startTestNode({ identityProvider: node.identityProvider })
  t.teardown(() => aged.stop())
  const wallet = aged.wallet('registry')
  const { code } = await aged.offer({ txCode })
  const token = await wallet.redeem(code, txCode)
  aged.wait({ seconds: 2 })
  return { wallet, code, token }
}

test('VCI-119: who has the offer but not the PIN can not end what its owner got', async (t) => {
  const { wallet, code, token } = await spentOffer(t, '004217')
  isRefused(t, await wallet.redeem(code, '111111'), 'invalid_grant')
  isRefused(t, await wallet.redeem(code), 'invalid_request')
  t.is((await wallet.credential(token)).status, 200)
})

test('VCI-119, VCI-121: guesses at the PIN of a spent offer are counted too, so nobody can find it by trying', async (t) => {
  const { wallet, code, token } = await spentOffer(t, '004217')
  for (const guess of ['111111', '222222', '333333', '444444'])
    isRefused(t, await wallet.redeem(code, guess), 'invalid_grant')
  isRefused(t, await wallet.redeem(code, '004217'), 'invalid_grant')
  t.is((await wallet.credential(token)).status, 200)
})

test('VCI-53: a pre-authorized code is over after an hour, an authorization code after a minute', async (t) => {
  const aged = await startTestNode()
  t.teardown(() => aged.stop())
  const wallet = aged.wallet('campus')
  const [{ code }, grant] = [await aged.offer(), await wallet.signIn()]
  aged.wait({ seconds: 61 })
  isRefused(t, await wallet.redeem(grant), 'invalid_grant')
  aged.wait({ minutes: 60 })
  isRefused(t, await wallet.redeem(code), 'invalid_grant')
})

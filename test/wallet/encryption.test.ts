import test from 'ava'
import { type EncryptionKeys, makeEncryptionKeys } from '../../src/keys/encryption-keys.ts'
import { encryptJwe } from '../../src/lib/jwe.ts'
import { after } from '../../src/lib/time.ts'
import { purge } from '../../src/store/purge.ts'
import { makeKey } from '../../src/wallet/keys.ts'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'

const node = await startTestNode({ settings: { registry: { encryption: 'required' }, staff: { encryption: 'off' } } })
const campus = node.wallet('campus')
const { issuer: metadata } = await campus.metadata()
const jwk = metadata.credential_request_encryption!.jwks.keys[0]!

test.after.always(() => node.stop())

const keyOf = async (wallet: typeof campus) =>
  (await wallet.metadata()).issuer.credential_request_encryption!.jwks.keys[0]!

const token = async (wallet = campus) => wallet.redeem((await node.offer()).code)
const walletJwk = () => ({ ...makeKey().jwk, kid: 'mine', alg: 'ECDH-ES', use: 'enc' })
const asked = (members: object = {}) => ({ jwk: walletJwk(), enc: 'A128GCM', ...members })

for (const enc of ['A128GCM', 'A256GCM'] as const) {
  for (const zip of [undefined, 'DEF'] as const) {
    test(`VCI-61, VCI-66, VCI-76, VCI-89: request and response go encrypted by ${enc}, ${zip ? '' : 'not '}compressed`, async (t) => {
      const answer = await campus.credential(await token(), { encrypted: { enc, ...(zip && { zip }) } })
      t.is(answer.status, 200)
      t.is(answer.headers.get('content-type'), 'application/jwt')
      t.is(answer.headers.get('cache-control'), 'no-store')
      t.is(answer.body.credentials?.length, 1)
    })
  }
}

test('VCI-11, VCI-12, VCI-13: both halves are published, with a key that has kid, alg and use', (t) => {
  t.like(metadata.credential_request_encryption, {
    enc_values_supported: ['A128GCM', 'A256GCM'],
    encryption_required: false,
  })
  t.like(metadata.credential_response_encryption, { alg_values_supported: ['ECDH-ES'], encryption_required: false })
  t.like(jwk, { kty: 'EC', crv: 'P-256', use: 'enc', alg: 'ECDH-ES' })
  t.regex(String(jwk.kid), /./)
  t.false(Object.hasOwn(jwk, 'd'))
})

test('VCI-13: an issuer that does not encrypt publishes neither half, and refuses both', async (t) => {
  const staff = node.wallet('staff')
  const { issuer } = await staff.metadata()
  t.is(issuer.credential_request_encryption, undefined)
  t.is(issuer.credential_response_encryption, undefined)
  const access = await staff.redeem(await staff.signIn())
  const wanted = await staff.credential(access, { body: { credential_response_encryption: asked() } })
  t.like(wanted, { status: 400, body: { error: 'invalid_encryption_parameters' } })
  const jwe = await encryptJwe('{}', { jwk, enc: 'A128GCM', zip: undefined })
  const sent = await staff.credential(access, { raw: jwe, headers: { 'content-type': 'application/jwt' } })
  t.like(sent, { status: 400, body: { error: 'invalid_encryption_parameters' } })
})

test('VCI-68, VCI-80: a request in the clear can not ask for an encrypted response', async (t) => {
  const { status, body } = await campus.credential(await token(), { body: { credential_response_encryption: asked() } })
  t.is(status, 400)
  t.is(body.error, 'invalid_encryption_parameters')
})

test('VCI-66, VCI-82: encryption parameters that can not be are refused, in the clear', async (t) => {
  const { alg: _, ...withoutAlg } = walletJwk()
  const closed = { ...walletJwk(), d: makeKey().privateKey.export({ format: 'jwk' }).d }
  const wrong: Record<string, unknown> = {
    'no alg': asked({ jwk: withoutAlg }),
    'an unknown alg': asked({ jwk: { ...walletJwk(), alg: 'UNSUPPORTED_ALG' } }),
    'alg beside the jwk': asked({ jwk: withoutAlg, alg: 'ECDH-ES' }),
    'a private key': asked({ jwk: closed }),
    'a key for signatures': asked({ jwk: { ...walletJwk(), use: 'sig' } }),
    'a key of another kind': asked({ jwk: { kty: 'oct', k: 'AAAA', alg: 'ECDH-ES' } }),
    'a point on no curve': asked({ jwk: { ...walletJwk(), x: makeKey().jwk.x } }),
    'a curve of which no text can be made': asked({ jwk: { ...walletJwk(), crv: { toString: false } } }),
    'a curve in a list': asked({ jwk: { ...walletJwk(), crv: ['P-256'] } }),
    'no jwk': { enc: 'A128GCM' },
    'an unknown enc': asked({ enc: 'A128CBC-HS256' }),
    'no enc': { jwk: walletJwk() },
    'an unknown zip': asked({ zip: 'GZIP' }),
    'no object': 'ECDH-ES',
    null: null,
  }
  const access = await token()
  for (const [name, credential_response_encryption] of Object.entries(wrong)) {
    const answer = await campus.credential(access, { encrypted: true, body: { credential_response_encryption } })
    t.is(answer.status, 400, name)
    t.is(answer.headers.get('content-type'), 'application/json', name)
    t.is(answer.body.error, 'invalid_encryption_parameters', name)
  }
})

test('VCI-89: a request that does not open is refused', async (t) => {
  const access = await token()
  const stranger = { ...makeKey().jwk, kid: String(jwk.kid) }
  const other = await addOtherTenant(node)
  const foreign = await keyOf(other.wallet('campus'))
  t.not(foreign.kid, jwk.kid)
  const sealed = await encryptJwe('{}', { jwk, enc: 'A128GCM', zip: undefined })
  const wrong: Record<string, string> = {
    'no JWE': 'nonsense',
    'a JWT': 'e30.e30.e30',
    'for another key': await encryptJwe('{}', { jwk: stranger, enc: 'A128GCM', zip: undefined }),
    'an unknown kid': await encryptJwe('{}', { jwk: { ...jwk, kid: '1.1' }, enc: 'A128GCM', zip: undefined }),
    'no kid': await encryptJwe('{}', { jwk: { ...jwk, kid: undefined }, enc: 'A128GCM', zip: undefined }),
    'cut short': sealed.slice(0, -4),
    'of another tenant': await encryptJwe('{}', { jwk: foreign, enc: 'A128GCM', zip: undefined }),
  }
  for (const [name, raw] of Object.entries(wrong)) {
    const answer = await campus.credential(access, { raw, headers: { 'content-type': 'application/jwt' } })
    t.like(answer, { status: 400, body: { error: 'invalid_encryption_parameters' } }, name)
  }
})

test('VCI-89: what inflates past all measure is not inflated', async (t) => {
  const raw = await encryptJwe(JSON.stringify({ a: 'a'.repeat(4_000_000) }), { jwk, enc: 'A128GCM', zip: 'DEF' })
  t.true(raw.length < 50_000)
  const answer = await campus.credential(await token(), { raw, headers: { 'content-type': 'application/jwt' } })
  t.like(answer, { status: 400, body: { error: 'invalid_encryption_parameters' } })
})

test('VCI-79: what opens and is no credential request is refused as that', async (t) => {
  const access = await token()
  for (const text of ['[]', 'no JSON', '{}']) {
    const raw = await encryptJwe(text, { jwk, enc: 'A256GCM', zip: undefined })
    const answer = await campus.credential(access, { raw, headers: { 'content-type': 'application/jwt' } })
    t.like(answer, { status: 400, body: { error: 'invalid_credential_request' } }, text)
  }
})

test('VCI-90: where encryption is required a request in the clear, and one for a plain response, is refused', async (t) => {
  const registry = node.wallet('registry')
  const { code, txCode } = await node.offer({ txCode: true })
  const access = await registry.redeem(code, txCode)
  const plain = await registry.credential(access)
  t.like(plain, { status: 400, body: { error: 'invalid_encryption_parameters' } })
  const half = await registry.credential(access, {
    encrypted: true,
    body: { credential_response_encryption: undefined },
  })
  t.like(half, { status: 400, body: { error: 'invalid_encryption_parameters' } })
  t.is((await registry.credential(access, { encrypted: true })).status, 200)
})

test('VCI-76, VCI-84, VCI-85: a deferred answer is encrypted as its own request asks, whatever the one before asked', async (t) => {
  const Card = { format: 'dc+sd-jwt', approval: 'manual', claims: { given_name: { from: 'offer.given_name' } } }
  const own = await startTestNode({
    identityProvider: node.identityProvider,
    settings: { campus: { credential_configurations: { Card } } },
  })
  t.teardown(own.stop)
  const wallet = own.wallet('campus', { dpop: true })
  const access = await wallet.redeem((await own.offer()).code)
  const type = ({ headers }: { headers: Headers }) => headers.get('content-type')
  const first = await wallet.credential(access, { encrypted: true })
  t.like([first.status, type(first)], [202, 'application/jwt'])
  const plain = await wallet.deferred(access, first)
  t.like([plain.status, type(plain)], [202, 'application/json'])
  const closed = await wallet.deferred(access, first, { encrypted: { enc: 'A256GCM', zip: 'DEF' } })
  t.like([closed.status, type(closed)], [202, 'application/jwt'])
  t.is(closed.body.transaction_id, first.body.transaction_id)
  const unheard = await wallet.deferred(access, 'unheard-of', { encrypted: true })
  t.like([unheard.status, type(unheard), unheard.body.error], [400, 'application/json', 'invalid_transaction_id'])
})

test('VCI-11: keys rotate after thirty days; the one of before is accepted for two days more', async (t) => {
  const own = await startTestNode({ identityProvider: node.identityProvider })
  t.teardown(own.stop)
  const current = () => keyOf(own.wallet('campus'))
  const first = await current()
  const use = async (key: Record<string, unknown>) => {
    const wallet = own.wallet('campus')
    const raw = await encryptJwe('{}', { jwk: key, enc: 'A128GCM', zip: undefined })
    const access = await wallet.redeem((await own.offer()).code)
    return (await wallet.credential(access, { raw, headers: { 'content-type': 'application/jwt' } })).body.error
  }
  const day = 24 * 60
  own.wait({ minutes: 30 * day - 5 })
  t.is((await current()).kid, first.kid)
  own.wait({ minutes: 6 })
  const second = await current()
  t.not(second.kid, first.kid)
  t.not(second.x, first.x)
  t.is(await use(first), 'invalid_credential_request', 'it opens, and is empty')
  t.is(await use(second), 'invalid_credential_request')
  own.wait({ minutes: 2 * day })
  t.is(await use(first), 'invalid_encryption_parameters')
  t.is(await use(second), 'invalid_credential_request')
  await purge((question) => own.services.database.ask(question))(own.services.clock())
  const { database } = own.services
  t.is((await database.ask((db) => db('encryption_keys'))).length, 1, 'what was encrypted to it opens nevermore')
})

test('VCI-11: nodes that make a key at once end with one, and what one node made the others find', async (t) => {
  const { tables, vault } = node.services
  const now = node.services.clock()
  const clocks = Array.from({ length: 5 }, () => now)
  const nodes = clocks.map((_, at) => makeEncryptionKeys({ tables, vault, clock: () => clocks[at]! }))
  const kids = async () => new Set((await Promise.all(nodes.map((one) => one.current('raced')))).map(({ kid }) => kid))
  t.is((await kids()).size, 1)
  const [one, two] = nodes as [EncryptionKeys, EncryptionKeys]
  const before = String((await two.current('raced')).kid)
  clocks[0] = after(now, 30 * 24 * 3600)
  const { kid, x } = await one.current('raced')
  t.not(kid, before)
  const found = await two.find('raced', String(kid))
  t.is(found?.x, x, 'its clock is behind, and it looked again')
  t.truthy(found?.d)
  t.is((await two.current('raced')).kid, kid)
  t.is(await two.find('raced', 'unheard-of'), undefined)
  t.is((await tables.encryptionKeys.list('raced')).length, 2)
  clocks[1] = after(now, 32 * 24 * 3600)
  t.is(await two.find('raced', before), undefined, 'also from memory')
})

test('VCI-11: the private key lies sealed in the database', async (t) => {
  const { tables, vault, clock } = node.services
  const keys = makeEncryptionKeys({ tables, vault, clock })
  const { kid } = await keys.current('sealed')
  const closed = await keys.find('sealed', String(kid))
  const rows = await node.services.database.ask((db) => db('encryption_keys').where({ tenant_id: 'sealed' }))
  t.is(rows.length, 1)
  t.false(JSON.stringify(rows).includes(String(closed?.d)))
  t.false(Buffer.from(rows[0].private_key_sealed).includes(String(closed?.d)))
})

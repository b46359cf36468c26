import test from 'ava'
import { encryptJwe } from '../../src/lib/jwe.ts'
import { makeKey } from '../../src/wallet/keys.ts'
import { startTestNode } from '../support/node.ts'

const node = await startTestNode({ settings: { registry: { encryption: 'required' }, staff: { encryption: 'off' } } })
const campus = node.wallet('campus')
const { issuer: metadata } = await campus.metadata()
const jwk = metadata.credential_request_encryption!.jwks.keys[0]!

test.after.always(() => node.stop())

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
  const sealed = await encryptJwe('{}', { jwk, enc: 'A128GCM', zip: undefined })
  const wrong: Record<string, string> = {
    'no JWE': 'nonsense',
    'a JWT': 'e30.e30.e30',
    'for another key': await encryptJwe('{}', { jwk: stranger, enc: 'A128GCM', zip: undefined }),
    'an unknown kid': await encryptJwe('{}', { jwk: { ...jwk, kid: '1.1' }, enc: 'A128GCM', zip: undefined }),
    'no kid': await encryptJwe('{}', { jwk: { ...jwk, kid: undefined }, enc: 'A128GCM', zip: undefined }),
    'cut short': sealed.slice(0, -4),
    'of another issuer': await encryptJwe('{}', {
      jwk: (await node.wallet('registry').metadata()).issuer.credential_request_encryption!.jwks.keys[0]!,
      enc: 'A128GCM',
      zip: undefined,
    }),
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

test.serial('VCI-11: keys rotate; the one of before is accepted for another day', async (t) => {
  const own = await startTestNode()
  t.teardown(own.stop)
  const keyOf = async () => (await own.wallet('campus').metadata()).issuer.credential_request_encryption!.jwks.keys[0]!
  const first = await keyOf()
  const use = async (key: Record<string, unknown>) => {
    const wallet = own.wallet('campus')
    const raw = await encryptJwe('{}', { jwk: key, enc: 'A128GCM', zip: undefined })
    const access = await wallet.redeem((await own.offer()).code)
    return (await wallet.credential(access, { raw, headers: { 'content-type': 'application/jwt' } })).body.error
  }
  // To the second after the end of a period of thirty days.
  const day = 24 * 60 * 60
  const now = Math.floor(Date.now() / 1000)
  own.wait({ seconds: 30 * day - (now % (30 * day)) + 1 })
  const second = await keyOf()
  t.not(second.kid, first.kid)
  t.not(second.x, first.x)
  t.is(await use(first), 'invalid_credential_request', 'it opens, and is empty')
  t.is(await use(second), 'invalid_credential_request')
  own.wait({ minutes: 24 * 60 })
  t.is(await use(first), 'invalid_encryption_parameters')
})

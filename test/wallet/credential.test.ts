import test from 'ava'
import { makeKey, signJwt } from '../../src/wallet/keys.ts'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'
import { requestHead, sendRaw } from '../support/raw-http.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { isRefused } from '../support/refusals.ts'
import { person } from '../support/tenant.ts'
import type { CredentialOptions } from '../support/wallet-issuer.ts'

const node = await startTestNode({ settings: { registry: { batch_size: 1, copies: 3 } } })
const campus = node.wallet('campus')
const token = await campus.redeem((await node.offer()).code)
test.after.always(() => node.stop())

const keysOf = (count: number) => Array.from({ length: count }, () => makeKey())
/** A request with the token that the tests share; `body` replaces members. */
const ask = (asked: CredentialOptions = {}) => campus.credential(token, asked)

test('VCI-72, VCI-75, VCI-111: a proof of a key buys a credential that is bound to it', async (t) => {
  const key = makeKey()
  const answer = await ask({ keys: [key] })
  t.is(answer.status, 200, answer.text)
  t.is(answer.headers.get('content-type'), 'application/json')
  t.is(answer.headers.get('cache-control'), 'no-store')
  t.deepEqual(Object.keys(answer.body), ['credentials', 'notification_id'], 'VCI-73: nothing is deferred')
  t.deepEqual(Object.keys(answer.body.credentials[0]!), ['credential'])
  const [issuer, { credential }] = [node.identifierOf('campus'), answer.body.credentials[0]!]
  const { claims, shown } = await readSdJwt(credential, { root: await rootOf(issuer), issuer })
  t.like(claims, {
    vct: `${issuer}/types/StudentCard`,
    given_name: person.given_name,
    family_name: person.family_name,
    birthdate: person.birthdate,
    student_number: person.document_number,
    cnf: { jwk: key.jwk },
  })
  for (const value of Object.values(person)) t.false(Object.values(shown).includes(value), 'the holder may withhold it')
})

test('VCI-97: what a wallet wrote into its key beside the key does not come into the credential', async (t) => {
  const key = makeKey()
  const marked = { ...key, jwk: { ...key.jwk, kid: 'mark-of-a-person', use: 'sig' } }
  const answer = await ask({ keys: [marked] })
  t.is(answer.status, 200, answer.text)
  const issuer = node.identifierOf('campus')
  const { claims } = await readSdJwt(answer.body.credentials[0]!.credential, { root: await rootOf(issuer), issuer })
  t.deepEqual(claims.cnf, { jwk: key.jwk })
})

test('VCI-14, VCI-65, VCI-69, VCI-72: a batch is a copy for each key, up to batch_size', async (t) => {
  const keys = [...keysOf(8), makeKey('ES384'), makeKey('EdDSA')]
  const { status, body } = await ask({ keys })
  t.is(status, 200)
  t.is(body.credentials.length, 10)
  t.is(new Set(body.credentials.map(({ credential }) => credential)).size, 10)
  const issuer = node.identifierOf('campus')
  const root = await rootOf(issuer)
  for (const [at, { credential }] of body.credentials.entries()) {
    const { claims } = await readSdJwt(credential, { root, issuer })
    t.deepEqual(claims.cnf, { jwk: keys[at]!.jwk })
  }
  isRefused(t, await ask({ keys: keysOf(11) }), 'invalid_proof')
  const key = makeKey()
  isRefused(t, await ask({ keys: [key, makeKey(), key] }), 'invalid_proof', 'one key twice')
  const single = node.wallet('registry')
  const bought = await single.redeem((await node.offer({ txCode: '004217' })).code, '004217')
  isRefused(t, await single.credential(bought, { keys: keysOf(2) }), 'invalid_proof', 'no batches here')
})

test('VCI-71: a token may be used again, until its grant has fetched as many copies as the issuer allows', async (t) => {
  const wallet = node.wallet('registry')
  const bought = await wallet.redeem((await node.offer({ txCode: '004217' })).code, '004217')
  for (const _ of keysOf(3)) t.is((await wallet.credential(bought)).status, 200)
  isRefused(t, await wallet.credential(bought), 'credential_request_denied')
})

test('VCI-71: of requests at once, too, no more copies come than the issuer allows', async (t) => {
  const wallet = node.wallet('registry')
  const bought = await wallet.redeem((await node.offer({ txCode: '004217' })).code, '004217')
  const answers = await Promise.all(keysOf(6).map((key) => wallet.credential(bought, { keys: [key] })))
  t.is(answers.filter(({ status }) => status === 200).length, 3)
  for (const answer of answers) if (answer.status !== 200) isRefused(t, answer, 'credential_request_denied')
})

test('VCI-61, VCI-79: a request that cannot be read is invalid_credential_request', async (t) => {
  const type = (text: string | undefined) => ({ 'content-type': text })
  const refused: [string, CredentialOptions][] = [
    ['malformed JSON', { raw: '{"proofs":' }],
    ['nothing', { raw: '' }],
    ['a list', { raw: '[]' }],
    ['null', { raw: 'null' }],
    ['a string', { raw: '"x"' }],
    ['a form', { headers: type('application/x-www-form-urlencoded') }],
    ['plain text', { headers: type('text/plain') }],
    ['a selector that is no string', { body: { credential_identifier: 7 } }],
    ['an empty selector', { body: { credential_identifier: '' } }],
  ]
  for (const [name, asked] of refused) isRefused(t, await ask(asked), 'invalid_credential_request', name)
})

test('VCI-62, VCI-79: a request names one credential, in one way', async (t) => {
  const [{ credential_configuration_id, credential_identifiers }] = token.body.authorization_details as [
    { credential_configuration_id: string; credential_identifiers: [string] },
  ]
  const neither = { credential_identifier: undefined }
  const both = { credential_identifier: credential_identifiers[0], credential_configuration_id }
  isRefused(t, await ask({ body: neither }), 'invalid_credential_request', 'neither')
  isRefused(t, await ask({ body: both }), 'invalid_credential_request', 'both')
  t.is((await ask({ body: { credential_identifier: credential_identifiers[0] } })).status, 200)
  // More than is asked of an issuer: some wallets keep to the configuration though they were told an identifier.
  t.is((await ask({ body: { ...neither, credential_configuration_id } })).status, 200)
})

test('VCI-52, VCI-79: what nobody knows is unknown, by its own code', async (t) => {
  const other = await campus.redeem((await node.offer()).code)
  const foreign = other.body.authorization_details[0]!.credential_identifiers[0]
  for (const credential_identifier of [foreign, 'crd_1', 'x'.repeat(300), '__proto__'])
    isRefused(t, await ask({ body: { credential_identifier } }), 'unknown_credential_identifier')
  for (const credential_configuration_id of ['Unknown', 'ResidencePermit', '__proto__', 'constructor']) {
    const body = { credential_identifier: undefined, credential_configuration_id }
    isRefused(t, await ask({ body }), 'unknown_credential_configuration', credential_configuration_id)
  }
})

test('VCI-63, VCI-78: a token for one scope does not reach the credential of another', async (t) => {
  const members = { scope: 'TransitPass', authorization_details: undefined }
  const scoped = await campus.redeem(await campus.signIn({ members }))
  t.is((await campus.credential(scoped, { configurationId: 'TransitPass' })).status, 200)
  const beyond = await campus.credential(scoped, { configurationId: 'StudentCard' })
  isRefused(t, beyond, { error: 'insufficient_scope', status: 403 })
  t.is(beyond.headers.get('www-authenticate'), 'Bearer error="insufficient_scope"')
  const identified = { credential_configuration_id: undefined, credential_identifier: crypto.randomUUID() }
  isRefused(t, await campus.credential(scoped, { body: identified }), 'unknown_credential_identifier')
})

test('VCI-64, VCI-79: proofs have one member, jwt, with proofs in it', async (t) => {
  const proof = signJwt(makeKey(), {}, {})
  const refused = {
    missing: undefined,
    null: null,
    'a list': [proof],
    'no type': {},
    'an empty array': { jwt: [] },
    'no array': { jwt: proof },
    'no strings': { jwt: [{}] },
    'two types': { jwt: [proof], attestation: [proof] },
    'another type': { di_vp: [{}] },
    'a proof that is none': { jwt: ['x'] },
    'a proof that is very long': { jwt: ['x'.repeat(100_000)] },
  }
  for (const [name, proofs] of Object.entries(refused))
    isRefused(t, await ask({ body: { proofs } }), 'invalid_proof', name)
  const ofOldDrafts = { proofs: undefined, proof: { proof_type: 'jwt', jwt: proof } }
  isRefused(t, await ask({ body: ofOldDrafts }), 'invalid_proof', 'the singular of old drafts')
})

test('VCI-79, VCI-95, VCI-96, VCI-97: a proof that does not hold is invalid_proof', async (t) => {
  const now = Math.floor(Date.now() / 1000)
  const key = makeKey()
  const refused: [string, CredentialOptions['proof']][] = [
    ['another typ', { header: { typ: 'JWT' } }],
    ['alg none', { header: { alg: 'none' } }],
    ['a symmetric alg', { header: { alg: 'HS256' } }],
    ['an alg of another key', { header: { alg: 'ES384' } }],
    ['no key', { header: { jwk: undefined } }],
    ['two keys', { header: { kid: 'did:example:1#1' } }],
    ['a key by did', { header: { jwk: undefined, kid: 'did:example:1#1' } }],
    ['a private key', { header: { jwk: { ...key.jwk, d: 'x' } } }],
    ['the signature of another key', { key: makeKey() }],
    ['critical extensions', { header: { crit: ['exp'] } }],
    ['no aud', { claims: { aud: undefined } }],
    ['another issuer as aud', { claims: { aud: node.identifierOf('registry') } }],
    ['several aud', { claims: { aud: [node.identifierOf('campus'), node.identifierOf('registry')] } }],
    ['no iat', { claims: { iat: undefined } }],
    ['iat a string', { claims: { iat: String(now) } }],
    ['made long ago', { claims: { iat: now - 3600 } }],
    ['made in the future', { claims: { iat: now + 600 } }],
    ['no nonce', { claims: { nonce: undefined } }],
    ['nonce no string', { claims: { nonce: 7 } }],
    ['iss after an anonymous token request', { claims: { iss: 'test-wallet' } }],
  ]
  for (const [name, proof] of refused)
    isRefused(t, await ask({ keys: [key], ...(proof && { proof }) }), 'invalid_proof', name)
  const lenient: [string, CredentialOptions['proof']][] = [
    ['aud an array of one', { claims: { aud: [node.identifierOf('campus')] } }],
    ['a clock that is half a minute ahead', { claims: { iat: now + 30 } }],
    ['members nobody knows', { header: { x: 1 }, claims: { y: 2 } }],
  ]
  for (const [name, proof] of lenient) t.is((await ask({ ...(proof && { proof }) })).status, 200, name)
})

test('VCI-65: one bad proof in a batch spoils it all', async (t) => {
  const nonce = (await campus.nonce()).body.c_nonce
  const whole = await ask({ nonce, keys: keysOf(2) })
  t.is(whole.status, 200)
  const good = keysOf(2).map((key) =>
    signJwt(
      key,
      { typ: 'openid4vci-proof+jwt', alg: 'ES256', jwk: key.jwk },
      { aud: node.identifierOf('campus'), iat: Math.floor(Date.now() / 1000), nonce },
    ),
  )
  isRefused(t, await ask({ body: { proofs: { jwt: [...good, `${good[0]}x`] } } }), 'invalid_proof')
  t.is((await ask({ body: { proofs: { jwt: good } } })).status, 200)
})

test('VCI-96: iss of a proof is the client that got the token', async (t) => {
  const bought = await campus.redeem((await node.offer()).code, undefined, { client_id: 'test-wallet' })
  t.is((await campus.credential(bought, { clientId: 'test-wallet' })).status, 200)
  t.is((await campus.credential(bought, { proof: { claims: { iss: undefined } } })).status, 200)
  isRefused(t, await campus.credential(bought, { clientId: 'other-wallet' }), 'invalid_proof')
})

test('VCI-67: unknown members are ignored', async (t) => {
  const body = { unknown: { deep: [1] }, format: 'vc+sd-jwt', __proto__x: 1, claims: {} }
  t.is((await ask({ body })).status, 200)
})

test('VCI-68, VCI-79, VCI-82: a plain request for an encrypted response is refused in the clear', async (t) => {
  const credential_response_encryption = { jwk: { ...makeKey().jwk, alg: 'ECDH-ES' }, enc: 'A128GCM' }
  isRefused(t, await ask({ body: { credential_response_encryption } }), 'invalid_encryption_parameters')
})

test('VCI-80: the first of several faults is told: token, form, what is asked for, encryption, proofs, nonce', async (t) => {
  const stale = { nonce: 'stale' }
  const noProof = { proofs: { jwt: ['x'] } }
  const encryption = { ...noProof, credential_response_encryption: {} }
  const unknown = { ...encryption, credential_identifier: 'unknown' }
  const malformed = { ...unknown, credential_configuration_id: 'both' }
  isRefused(t, await ask(stale), 'invalid_nonce')
  isRefused(t, await ask({ ...stale, body: noProof }), 'invalid_proof')
  isRefused(t, await ask({ ...stale, proof: { claims: { aud: 'x' } } }), 'invalid_proof')
  isRefused(t, await ask({ body: encryption }), 'invalid_encryption_parameters')
  isRefused(t, await ask({ body: unknown }), 'unknown_credential_identifier')
  isRefused(t, await ask({ body: malformed }), 'invalid_credential_request')
  t.is((await ask({ body: malformed, headers: { authorization: 'Bearer x' } })).status, 401)
})

test('VCI-70, VCI-78: without a token nothing is told but how to bring one', async (t) => {
  const { access_token } = token.body
  const url = `${node.identifierOf('campus')}/credential?access_token=${access_token}`
  for (const asked of [
    { headers: { authorization: undefined } },
    { headers: { authorization: `Basic ${access_token}` } },
    { headers: { authorization: access_token } },
    { headers: { authorization: 'Bearer' } },
    { headers: { authorization: undefined }, url },
    { headers: { authorization: undefined }, body: { access_token } },
  ]) {
    const { status, headers, text } = await ask(asked)
    t.is(status, 401)
    t.is(headers.get('www-authenticate'), 'Bearer, DPoP algs="ES256 ES384 EdDSA"')
    t.is(headers.get('cache-control'), 'no-store')
    t.is(text, '')
  }
})

test('VCI-78: a token that is none is invalid_token', async (t) => {
  const { access_token } = token.body
  for (const authorization of [
    'Bearer x',
    `Bearer ${access_token}x`,
    `Bearer ${access_token} x`,
    'bearer =',
    'Bearer {}',
  ]) {
    const answer = await ask({ headers: { authorization } })
    isRefused(t, answer, { error: 'invalid_token', status: 401 }, authorization)
    t.is(answer.headers.get('www-authenticate'), 'Bearer error="invalid_token"')
  }
})

test('VCI-78, RFC 6750 §2: a request has one token, in one header', async (t) => {
  const authorization = [`Bearer ${token.body.access_token}`, `Bearer ${token.body.access_token}`]
  const headers = { authorization, 'content-type': 'application/json', 'content-length': '2' }
  const { status, text } = await sendRaw(node.url, requestHead('POST', '/test/campus/credential', headers), '{}')
  t.is(status, 401)
  t.is(JSON.parse(text).error, 'invalid_token')
})

test('VCI-70: the name of the scheme is read in any case', async (t) => {
  for (const scheme of ['bearer', 'BEARER', 'Bearer '])
    t.is((await ask({ headers: { authorization: `${scheme} ${token.body.access_token}` } })).status, 200, scheme)
})

test('VCI-78: a token counts at the issuer that gave it, and in its tenant', async (t) => {
  const other = await addOtherTenant(node)
  for (const wallet of [node.wallet('staff'), node.wallet('registry'), other.wallet('campus')])
    isRefused(t, await wallet.credential(token), { error: 'invalid_token', status: 401 })
})

test('VCI-56, VCI-78: a bearer token is over after five minutes', async (t) => {
  const aged = await startTestNode({ identityProvider: node.identityProvider })
  t.teardown(() => aged.stop())
  const wallet = aged.wallet('campus')
  const bought = await wallet.redeem((await aged.offer()).code)
  aged.wait({ seconds: 298 })
  t.is((await wallet.credential(bought)).status, 200)
  aged.wait({ seconds: 3 })
  isRefused(t, await wallet.credential(bought), { error: 'invalid_token', status: 401 })
})

test('VCI-128: copies of a batch tell nobody by their times that they belong together', async (t) => {
  const { body } = await ask({ keys: keysOf(10) })
  const issuer = node.identifierOf('campus')
  const root = await rootOf(issuer)
  const read = await Promise.all(body.credentials.map(({ credential }) => readSdJwt(credential, { root, issuer })))
  t.true(new Set(read.map(({ claims }) => claims.iat)).size > 5)
})

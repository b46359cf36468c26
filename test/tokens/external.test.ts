import test from 'ava'
import fc from 'fast-check'
import { generateKeyPair } from 'jose'
import { AuthorizationServer } from '../../src/model/authorization-server.ts'
import { ProtocolError } from '../../src/protocol/errors.ts'
import { verifyExternalToken } from '../../src/tokens/external.ts'
import { serverSecret, startAuthorizationServer } from '../support/authorization-server.ts'
import { needs } from '../support/upstream.ts'

const server = await startAuthorizationServer()
test.after.always(() => server.stop())

const audience = 'https://test.example/acme/staff'
const settings = (more: object = {}) => ({
  ...AuthorizationServer.parse({ issuer: server.issuer, ...more }),
  id: 'external',
})
const introspecting = { token: 'introspection', client_id: 'claimgate', client_secret: serverSecret }

/** Verifies a token with nothing kept from another test; `with` is what was kept before. */
const verify = (token: string, { at = server.issuer, more = {}, using = needs(), now = new Date() } = {}) =>
  verifyExternalToken(using, [settings({ issuer: at, ...more })], token, () => ({
    audience,
    clientIds: ['test-wallet'],
    now,
  }))

/** Why a token is refused: the fault, and the claim that it is about. */
async function refusal(token: string, how: Parameters<typeof verify>[1] = {}) {
  try {
    return (await verify(token, how)) ? 'taken' : 'unknown'
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const { fault, claim, reason } = error.cause as Record<string, string>
    return [error.code, fault, claim ?? reason].filter((part) => part !== undefined).join(' ')
  }
}

test('RFC 9068 §4: a token of the server for this issuer tells whose it is, by which client and with which scope', async (t) => {
  const token = await verify(
    await server.token([audience, 'https://other.example'], { claims: { cnf: { jkt: 'a'.repeat(43) } } }),
  )
  t.like(token, {
    account: { issuer: server.issuer, subject: 'alice' },
    clientId: 'test-wallet',
    keyThumbprint: 'a'.repeat(43),
    scopes: ['openid', 'badge', 'library'],
  })
  t.is(await refusal(await server.token(audience, { header: { typ: 'application/AT+JWT' } })), 'taken')
})

test('RFC 9068 §2.1: Keycloak’s own way to name an access token counts; an ID token or a refresh token does not', async (t) => {
  const typ = async (header: string | undefined, payload?: unknown) =>
    refusal(await server.token(audience, { header: { typ: header }, claims: { typ: payload } }))
  t.is(await typ('JWT', 'Bearer'), 'taken')
  t.is(await typ('JWT', 'DPoP'), 'taken')
  for (const [header, payload] of [
    ['JWT', 'ID'],
    ['JWT', 'Refresh'],
    ['JWT', undefined],
    [undefined, 'Bearer'],
    ['logout+jwt', undefined],
    ['JWT', { toString: 1 }],
  ] as const)
    t.is(await typ(header, payload), 'invalid_token external-token-type typ')
  t.is(await typ('at+jwt', 'Refresh'), 'invalid_token external-token-type typ')
})

test('RFC 8725 §3.1: what is signed with nothing, with the public key as a secret, or with another key under the same kid is refused', async (t) => {
  const signature = /^invalid_token external-token-signature/
  const stranger = (await generateKeyPair('ES256')).privateKey
  const secret = Buffer.from(JSON.stringify(server.jwk()))
  for (const forged of [
    await server.token(audience, { header: { alg: 'none' } }),
    await server.token(audience, { header: { alg: 'HS256' }, key: secret }),
    await server.token(audience, { key: stranger }),
    `${(await server.token(audience)).slice(0, -4)}AAAA`,
  ])
    t.regex(await refusal(forged), signature)
  const [header = '', , end = ''] = (await server.token(audience)).split('.')
  const payload = Buffer.from(JSON.stringify({ iss: server.issuer, aud: audience, sub: 'mallory' })).toString(
    'base64url',
  )
  t.regex(await refusal([header, payload, end].join('.')), signature)
})

test('RFC 9068 §4, design: no audience, no credential; nor for another client, in another’s place, or for another key', async (t) => {
  const wrong = async (claims: object, aud: unknown = audience) =>
    refusal(await server.token(aud, { claims: { ...claims } }))
  const expected: [string, Promise<string>][] = [
    ['external-token-audience aud', wrong({ aud: undefined })],
    ['external-token-audience aud', wrong({}, `${audience}/`)],
    ['external-token-audience aud', wrong({}, ['https://other.example'])],
    ['external-token-audience aud', wrong({}, { [audience]: true })],
    ['external-token-audience client_id', wrong({ client_id: 'another' })],
    ['external-token-malformed client_id', wrong({ client_id: undefined })],
    ['external-token-malformed client_id', wrong({ azp: 'another' })],
    ['external-token-malformed client_id', wrong({ client_id: ['test-wallet'] })],
    ['external-token-impersonated act', wrong({ act: { sub: 'admin' } })],
    ['external-token-malformed cnf', wrong({ cnf: { 'x5t#S256': 'a'.repeat(43) } })],
    ['external-token-malformed cnf', wrong({ cnf: null })],
    ['external-token-malformed sub', wrong({ sub: undefined })],
    ['external-token-malformed scope', wrong({ scope: ['badge'] })],
    ['external-token-malformed jti', wrong({ jti: 7 })],
  ]
  for (const [fault, answer] of expected) t.is(await answer, `invalid_token ${fault}`)
  t.is(await wrong({ client_id: undefined, azp: 'test-wallet' }), 'taken')
})

test('RFC 7519 §4.1: exp, nbf and iat are kept, with half a minute for clocks', async (t) => {
  const seconds = Math.floor(Date.now() / 1000)
  const at = async (claims: object) => refusal(await server.token(audience, { claims: { ...claims } }))
  t.is(await at({ exp: seconds - 20 }), 'taken')
  t.is(await at({ exp: seconds - 40 }), 'invalid_token external-token-expired exp')
  t.is(await at({ exp: undefined }), 'invalid_token external-token-malformed exp')
  t.is(await at({ exp: String(seconds + 300) }), 'invalid_token external-token-malformed exp')
  t.is(await at({ nbf: seconds + 20, iat: seconds + 20 }), 'taken')
  t.is(await at({ nbf: seconds + 40 }), 'invalid_token external-token-expired nbf')
  t.is(await at({ iat: seconds + 40 }), 'invalid_token external-token-expired iat')
  const longest = await verify(await server.token(audience, { claims: { exp: 1e300 } }))
  t.true((longest?.expiresAt.getTime() ?? 0) <= Date.now() + 86_400_000)
})

test('a token of another server is unknown, whoever signed it', async (t) => {
  t.is(await refusal(await server.token(audience, { claims: { iss: 'https://evil.example' } })), 'unknown')
  t.is(await refusal(await server.token(audience, { claims: { iss: undefined } })), 'unknown')
  t.is(await refusal('opaque-token'), 'unknown')
  t.is(await refusal(JSON.stringify(['external'])), 'unknown')
})

test('RFC 7515: one token is one, however its signature is spelled; another jti, client or person is another', async (t) => {
  const id = async (claims: object) =>
    (await verify(await server.token(audience, { claims: { jti: 'j', ...claims } })))?.id
  t.is(await id({}), await id({}))
  t.not(await id({}), await id({ jti: 'k' }))
  t.not(await id({}), await id({ sub: 'bob' }))
  t.not(await id({ jti: undefined, x: 1 }), await id({ jti: undefined, x: 2 }))
})

test('OIDC Core §10.1.1: a new kid is looked for at once, and forged ones do not make us ask again and again', async (t) => {
  const own = await startAuthorizationServer()
  t.teardown(() => own.stop())
  own.openIdOnly = true
  let now = Date.now()
  const using = needs({ clock: () => new Date(now) })
  const how = { at: own.issuer, using }
  const asked = () => own.requests.filter((line) => line === 'GET /keys').length
  t.is(await refusal(await own.token(audience), how), 'taken')
  await own.rotate('two')
  now += 11_000
  t.is(await refusal(await own.token(audience), how), 'taken')
  t.is(asked(), 2)
  for (let i = 0; i < 5; i++)
    t.regex(await refusal(await own.token(audience, { header: { kid: `forged-${i}` } }), how), /JWKS_NO_MATCHING_KEY/)
  t.is(asked(), 2)
})

test('a forged kid during an outage of the server does not make us forget the keys that we have', async (t) => {
  const own = await startAuthorizationServer()
  t.teardown(() => own.stop())
  let now = Date.now()
  const how = { at: own.issuer, using: needs({ clock: () => new Date(now) }) }
  const token = await own.token(audience)
  t.is(await refusal(token, how), 'taken')
  own.down = true
  now += 11_000
  const forged = await own.token(audience, { header: { kid: 'forged' } })
  t.is(await refusal(forged, how), 'temporarily_unavailable external-server-unavailable')
  t.is(await refusal(token, how), 'taken')
})

test('RFC 7662 §2.2: what the server says of a token is checked like what it signs, and asked each time', async (t) => {
  const how = { more: introspecting }
  const claims = { aud: audience, sub: 'alice', client_id: 'test-wallet', scope: 'badge', exp: Date.now() / 1000 + 60 }
  server.active.set('opaque', claims)
  t.is(await refusal('opaque', how), 'taken')
  server.active.set('opaque', { ...claims, iss: 'https://evil.example' })
  t.is(await refusal('opaque', how), 'invalid_token external-token-audience iss')
  server.active.set('opaque', { ...claims, aud: undefined })
  t.is(await refusal('opaque', how), 'invalid_token external-token-audience aud')
  server.active.set('opaque', { ...claims, typ: 'Refresh' })
  t.is(await refusal('opaque', how), 'invalid_token external-token-type typ')
  server.active.set('opaque', { ...claims, active: 'true' })
  t.is(await refusal('opaque', how), 'invalid_token external-token-inactive')
  server.active.delete('opaque')
  t.is(await refusal('opaque', how), 'invalid_token external-token-inactive')
  const wrong = { more: { ...introspecting, client_secret: 'wrong' } }
  t.is(await refusal('opaque', wrong), 'temporarily_unavailable external-introspection-refused')
})

test('RFC 8414 §3.3: a server that is down, or publishes another issuer or no keys, is an outage and not the wallet’s fault', async (t) => {
  const own = await startAuthorizationServer()
  t.teardown(() => own.stop())
  const token = await own.token(audience)
  own.metadata = { issuer: 'https://evil.example' }
  t.is(await refusal(token, { at: own.issuer }), 'temporarily_unavailable external-server-metadata')
  own.metadata = { jwks_uri: undefined }
  t.is(await refusal(token, { at: own.issuer }), 'temporarily_unavailable external-server-metadata')
  own.down = true
  t.is(await refusal(token, { at: own.issuer }), 'temporarily_unavailable external-server-unavailable')
})

test('RFC 9068 §4: no token, however hostile, is anything but refused or taken', async (t) => {
  const using = needs()
  const member = fc.oneof(fc.jsonValue(), fc.constant({ toString: 1 }), fc.constant(1e308), fc.constant(audience))
  const names = ['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'scope', 'client_id', 'azp', 'cnf', 'act', 'typ']
  const some = fc.dictionary(fc.constantFrom(...names), member, { maxKeys: 4 })
  const header = fc.dictionary(fc.constantFrom('typ', 'kid', 'crit', 'jwk', 'x5c', 'b64'), fc.jsonValue(), {
    maxKeys: 2,
  })
  await fc.assert(
    fc.asyncProperty(some, header, fc.boolean(), async (claims, more, signed) => {
      const honest = await server.token(audience, { claims })
      const [first = '', ...rest] = honest.split('.')
      const changed = { ...(JSON.parse(Buffer.from(first, 'base64url').toString()) as object), ...more }
      const token = signed ? honest : [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.')
      t.regex(await refusal(token, { using }), /^(taken|unknown|invalid_token )/)
    }),
    { numRuns: 200 },
  )
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 60 }), async (text) => {
      t.is(await refusal(text, { using }), 'unknown')
    }),
  )
})

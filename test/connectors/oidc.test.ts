import { createHash } from 'node:crypto'
import test from 'ava'
import { generateKeyPair, SignJWT } from 'jose'
import type { BeginOptions } from '../../src/connectors/connector.ts'
import { checkIdToken } from '../../src/connectors/id-token.ts'
import { connect } from '../../src/connectors/index.ts'
import type { ProtocolError } from '../../src/protocol/errors.ts'
import { type Spoil, signInAt, startIdentityProvider } from '../support/identity-provider.ts'
import { needs, refusalOf } from '../support/upstream.ts'

const redirectUri = 'http://127.0.0.1/acme/callback/idp'
const state = 'state-of-this-sign-in'

const start = async (options: { port?: number } = {}) => {
  const provider = await startIdentityProvider({ redirectUris: [redirectUri], ...options })
  const { issuer, client_id, client_secret } = provider
  return { provider, settings: { kind: 'oidc', issuer, client_id, client_secret } }
}
type Started = Awaited<ReturnType<typeof start>>
const shared = await start()
test.after.always(() => shared.provider.stop())

const now = () => Math.floor(Date.now() / 1000)
const halfHash = (token: unknown, hash: string) => {
  const digest = createHash(hash).update(String(token)).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

/** A sign-in at a provider that is honest until the browser comes back, and then as `spoil` says. */
async function attempt(
  { provider, settings }: Started,
  spoil: Spoil,
  options: Partial<BeginOptions> = {},
  timeoutSeconds = 10,
) {
  const upstream = connect(needs({ timeoutSeconds }), settings)
  provider.spoil = {}
  const { url, memory } = await upstream.begin({ state, redirectUri, ...options })
  provider.spoil = spoil
  const answer = await signInAt(url, 'alice', redirectUri)
  return upstream.finish(answer, memory)
}

const json = (status: number, body: object, headers = {}) => ({ status, body: JSON.stringify(body), headers })
const answer = 'provider-answer'
const setUp = 'provider-set-up'
const token = (fault: string, spoil: Spoil, help = answer, options: Partial<BeginOptions> = {}) => ({
  fault,
  spoil,
  help,
  options,
})
const claims = (fault: string, changed: Record<string, unknown>, help = answer, options: Partial<BeginOptions> = {}) =>
  token(fault, { idToken: (honest) => ({ ...honest, ...changed }) }, help, options)

const idTokens = {
  'signed by a stranger under a known key id': token('id-token-signature', { stranger: true }),
  'signed with a key that is not published': token(
    'id-token-key-missing',
    { header: { kid: 'gone' } },
    'provider-unavailable',
  ),
  'under a key id of which no text can be made': token(
    'id-token-key-missing',
    { header: { kid: { toString: false } } },
    'provider-unavailable',
  ),
  'that is not signed': token('id-token-alg', { header: { alg: 'none' } }, setUp),
  'signed with the client secret': token('id-token-alg', { header: { alg: 'HS256' } }, setUp),
  'that is encrypted': token(
    'id-token-encrypted',
    { json: { '/token': (body) => ({ ...body, id_token: 'a.b.c.d.e' }) } },
    setUp,
  ),
  'that is missing': token('idp-no-id-token', { json: { '/token': ({ id_token: _, ...body }) => body } }, setUp),
  'that is no JWT': token('id-token-signature', { json: { '/token': (body) => ({ ...body, id_token: 'x.y.z' }) } }),
  'beside a token of an unknown type': token(
    'idp-token-type',
    { json: { '/token': (body) => ({ ...body, token_type: 'mac' }) } },
    setUp,
  ),
  'of another issuer': claims('id-token-iss', { iss: 'https://other.example' }),
  'without an issuer': claims('id-token-iss', { iss: undefined }),
  'for another client': claims('id-token-aud', { aud: 'another' }),
  'for several clients, without azp': claims('id-token-aud', { aud: ['claimgate', 'another'] }),
  'authorized for another client': claims('id-token-aud', { azp: 'another' }),
  'with another nonce': claims('id-token-nonce', { nonce: 'another' }),
  'without a nonce': claims('id-token-nonce', { nonce: undefined }),
  'that is expired': claims('id-token-expired', { exp: now() - 60 }),
  'that is not yet valid': claims('id-token-expired', { nbf: now() + 300 }),
  'issued two minutes from now': claims('id-token-expired', { iat: now() + 120 }),
  'with the hash of another access token': claims('id-token-at-hash', { at_hash: halfHash('another', 'sha256') }),
  'with a hash of which no text can be made': claims('id-token-at-hash', { at_hash: { toString: false } }),
  'of an administrator in the person’s place': claims(
    'id-token-impersonated',
    { act: { sub: 'root' } },
    'not-eligible',
  ),
  'without the time of the sign-in': claims('sign-in-too-old', { auth_time: undefined }, 'sign-in-too-old', {
    maxAge: 60,
  }),
  'of a sign-in long ago': claims('sign-in-too-old', { auth_time: now() - 600 }, 'sign-in-too-old', { maxAge: 60 }),
  'of a weaker sign-in': claims('sign-in-too-weak', { acr: 'silver' }, 'stronger-sign-in', { acrValues: ['gold'] }),
  'with a strength of which no text can be made': claims(
    'sign-in-too-weak',
    { acr: { toString: false } },
    'stronger-sign-in',
    { acrValues: ['gold'] },
  ),
  'of a sign-in by another method': claims('sign-in-too-weak', { amr: ['pwd', 7] }, 'stronger-sign-in', {
    amrValues: ['hwk', 'mfa'],
  }),
  'that does not tell how the person signed in': claims('sign-in-too-weak', { amr: undefined }, 'stronger-sign-in', {
    amrValues: ['mfa'],
  }),
  'that does not tell how strong the sign-in was': claims('sign-in-too-weak', {}, 'stronger-sign-in', {
    acrValues: ['gold'],
  }),
}
const discovered = '/.well-known/openid-configuration'
const needed = { scope: 'openid profile', id_token: ['employee_number'], userinfo: ['given_name'], readsUserinfo: true }

test.serial(
  'OIDC Core §5.5: claims are asked for by name, each voluntary, where the provider reads that',
  async (t) => {
    const asked = async (options: object, supported: boolean) => {
      const spoil = { json: { [discovered]: (body: object) => ({ ...body, claims_parameter_supported: supported }) } }
      shared.provider.spoil = spoil
      const { url } = await connect(needs(), { ...shared.settings, par: 'off' }).begin({
        state,
        redirectUri,
        ...options,
      })
      return Object.fromEntries(url.searchParams)
    }
    const { claims, scope } = await asked({ needed }, true)
    t.deepEqual(JSON.parse(claims ?? ''), { id_token: { employee_number: null }, userinfo: { given_name: null } })
    t.is(scope, 'openid profile')
    t.is((await asked({ needed }, false)).claims, undefined)
    t.is((await asked({ needed: { ...needed, id_token: [], userinfo: [] } }, true)).claims, undefined)
    t.is((await asked({ needed, parameters: { claims: '{}' } }, true)).claims, '{}', 'the administrator knows better')
    t.is((await asked({ needed, scope: 'openid employment' }, true)).scope, 'openid employment')
  },
)

test.serial(
  'OIDC Core §5.1.2: as many groups as the provider names at most are unknown, wherever they stand; fewer are what they are',
  async (t) => {
    const upstream = connect(needs(), { ...shared.settings, groups_limit: 3 })
    const signIn = async (spoil: Spoil) => {
      shared.provider.spoil = spoil
      const { url, memory } = await upstream.begin({ state, redirectUri })
      const { id_token, userinfo, unknown } = await upstream.finish(await signInAt(url, 'alice', redirectUri), memory)
      shared.provider.spoil = {}
      return { groups: [id_token.groups, userinfo.groups], why: unknown?.get('groups')?.cause }
    }
    const inToken = (groups: unknown): Spoil => ({ idToken: (claims) => ({ ...claims, groups }) })
    const inUserinfo = (groups: unknown): Spoil => ({ json: { '/me': (claims) => ({ ...claims, groups }) } })
    const cut = { fault: 'groups-overage', most: 3 }
    t.deepEqual(await signIn(inToken(['a', 'b'])), { groups: [['a', 'b'], undefined], why: undefined })
    t.deepEqual(await signIn(inToken(['a', 'b', 'c'])), { groups: [undefined, undefined], why: cut })
    t.deepEqual(await signIn(inUserinfo(['a', 'b', 'c', 'd'])), { groups: [undefined, undefined], why: cut })
    t.deepEqual(await signIn(inUserinfo('abc')), { groups: [undefined, 'abc'], why: undefined })
  },
)

test.serial('OIDC Core §5.3: UserInfo is not asked where nobody reads it', async (t) => {
  shared.provider.requests.length = 0
  const signedIn = await attempt(shared, {}, { needed: { ...needed, readsUserinfo: false } })
  t.deepEqual(signedIn.userinfo, {})
  t.false(
    shared.provider.requests.some((request) => request.endsWith(' /me')),
    shared.provider.requests.join(),
  )
  await attempt(shared, {}, { needed })
  t.true(shared.provider.requests.some((request) => request.endsWith(' /me')))
})

for (const [what, { fault, spoil, help, options }] of Object.entries(idTokens)) {
  test.serial(`OIDC Core §3.1.3.7: an ID token ${what} is refused`, async (t) => {
    const refusal = await refusalOf(attempt(shared, spoil, options))
    t.is(refusal.fault, fault)
    t.is(refusal.help, help)
    // Neither what a wallet reads nor what the operator reads holds a token or a claim.
    t.notRegex(JSON.stringify([refusal.message, refusal.cause]), /eyJ|alice|Jönsson|E-1001/)
  })
}

test.serial(
  'OIDC Core §3.1.3.7: an ID token is taken that is signed anew, within the tolerances, and strong and fresh enough',
  async (t) => {
    const changed = { iat: now() + 30, auth_time: now() - 30, acr: 'gold', amr: ['pwd', 'mfa'], azp: 'claimgate' }
    const spoil: Spoil = { idToken: (honest) => ({ ...honest, ...changed }) }
    const { id_token } = await attempt(shared, spoil, {
      acrValues: ['silver', 'gold'],
      amrValues: ['hwk', 'mfa'],
      maxAge: 60,
    })
    t.like(id_token, { given_name: 'Alice', acr: 'gold' })
  },
)

test.serial(
  'OIDC Core §3.1.3.7 (9): which member of a token is off, and by how much, is told to the operator',
  async (t) => {
    const members = { exp: -300, nbf: 300, iat: 300 }
    for (const [member, ahead] of Object.entries(members)) {
      const spoil: Spoil = { idToken: (honest) => ({ ...honest, [member]: now() + ahead }) }
      const { cause } = await refusalOf(attempt(shared, spoil))
      const { secondsAhead, ...rest } = cause as Record<string, unknown>
      t.deepEqual(rest, { fault: 'id-token-expired', member })
      t.true(Math.abs(Number(secondsAhead) - ahead) <= 2, `${member}: ${secondsAhead}`)
    }
  },
)

test.serial('OIDC Core §3.1.3.6: an access token is taken only with its own hash', async (t) => {
  const signInWith = (access_token: string) =>
    attempt(shared, {
      json: { '/token': (body) => ({ ...body, access_token }) },
      answers: { '/me': json(200, { sub: 'alice' }) },
      idToken: (honest) => ({ ...honest, at_hash: halfHash('own', 'sha256') }),
    })
  await t.notThrowsAsync(signInWith('own'))
  t.is((await refusalOf(signInWith('swapped'))).fault, 'id-token-at-hash')
})

test('OIDC Core §3.1.3.6: at_hash goes with the hash of the ID token’s algorithm', (t) => {
  const memory = { nonce: 'n', codeVerifier: 'v', redirectUri, state }
  const check = (alg: string, hash: string) => {
    const at_hash = halfHash('token', hash)
    const claims = { iss: 'i', sub: 's', aud: 'claimgate', exp: now(), iat: now(), at_hash }
    const idToken = `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.e30.x`
    checkIdToken({ idToken, accessToken: 'token', claims, memory, clientId: 'claimgate', now: new Date() })
  }
  for (const [alg, hash] of [
    ['RS256', 'sha256'],
    ['PS384', 'sha384'],
    ['ES512', 'sha512'],
    ['EdDSA', 'sha512'],
    ['Ed25519', 'sha512'],
  ] as const) {
    t.notThrows(() => check(alg, hash), alg)
    t.throws(() => check(alg, hash === 'sha256' ? 'sha512' : 'sha256'), undefined, alg)
  }
})

const userinfo = {
  'of another person': ['userinfo-subject', answer, { json: { '/me': (body) => ({ ...body, sub: 'bob' }) } }],
  'of nobody': ['userinfo-subject', answer, { json: { '/me': ({ sub: _, ...body }) => body } }],
  refused: ['userinfo-refused', setUp, { answers: { '/me': { status: 403, body: '{}' } } }],
  broken: [
    'userinfo-failed',
    'provider-unavailable',
    { answers: { '/me': { status: 500, body: 'oops', type: 'text/plain' } } },
  ],
  'a page': [
    'userinfo-failed',
    'provider-unavailable',
    { answers: { '/me': { type: 'text/html', body: '<p>alice</p>' } } },
  ],
} satisfies Record<string, [string, string, Spoil]>
for (const [what, [fault, help, spoil]] of Object.entries(userinfo)) {
  test.serial(`OIDC Core §5.3.2: a UserInfo answer that is ${what} ends the sign-in`, async (t) => {
    t.like(await refusalOf(attempt(shared, spoil)), { fault, help })
  })
}

test('OIDC Core §5.3: a provider without a UserInfo endpoint is served from the ID token', async (t) => {
  const own = await start()
  const spoil = {
    json: {
      '/.well-known/openid-configuration': ({ userinfo_endpoint: _, ...metadata }: Record<string, unknown>) => metadata,
    },
  }
  own.provider.spoil = spoil
  const upstream = connect(needs(), own.settings)
  const { url, memory } = await upstream.begin({ state, redirectUri })
  const signIn = await upstream.finish(await signInAt(url, 'alice', redirectUri), memory)
  t.deepEqual(signIn.userinfo, {})
  t.is(signIn.id_token.given_name, 'Alice')
  await own.provider.stop()
})

const basic = { 'www-authenticate': 'Basic realm="idp"' }
const later = 'temporarily_unavailable'
const page = { type: 'text/html', body: '<h1>Bad gateway</h1>' }
const tokenAnswers = {
  'a wrong secret': [json(401, { error: 'invalid_client' }, basic), 'idp-secret-wrong', 'server_error'],
  'a code that expired': [json(400, { error: 'invalid_grant' }), 'idp-code-refused', 'access_denied'],
  'an error of its own making': [
    json(400, { error: 'hmm', error_description: 'alice@acme.example' }),
    'idp-error-other',
    'server_error',
  ],
  'a fault of its own': [{ status: 500, ...page }, 'idp-temporarily-unavailable', later],
  'a redirect': [{ status: 302, headers: { location: '/elsewhere' } }, 'idp-error-other', 'server_error'],
  'a page': [page, 'idp-temporarily-unavailable', later],
  'no access token': [json(200, { token_type: 'Bearer', id_token: 'a.b.c' }), 'idp-token-type', 'server_error'],
  'too much at once': [json(429, { error: 'slow_down' }, { 'retry-after': '7' }), 'idp-throttled', later],
} as const
for (const [what, [given, fault, code]] of Object.entries(tokenAnswers)) {
  test.serial(`RFC 6749 §5.2: the provider answers the code with ${what}`, async (t) => {
    const refusal = await refusalOf(attempt(shared, { answers: { '/token': given } }))
    t.like(refusal, { fault, code })
    t.is(refusal.retryAfter, fault === 'idp-throttled' ? 7 : code === later ? 60 : undefined)
    t.notRegex(JSON.stringify(refusal), /alice/)
  })
}

test.serial('an endpoint that does not answer in time is slow, and one that is gone is not available', async (t) => {
  const slow = await refusalOf(attempt(shared, { answers: { '/token': { hang: true } } }, {}, 1))
  t.like(slow, { fault: 'idp-slow', code: later, help: 'provider-slow' })
  const keys = await refusalOf(attempt(shared, { answers: { '/jwks': { status: 503, ...page } } }))
  t.like(keys, { fault: 'idp-keys-unavailable', code: later, help: 'provider-unavailable' })
  const gone = await start()
  await gone.provider.stop()
  const refusal = await refusalOf(connect(needs(), gone.settings).begin({ state, redirectUri }))
  t.like(refusal, { fault: 'idp-unreachable', code: later, help: 'provider-unavailable', retryAfter: 60 })
})

test.serial(
  'OIDC Core §10.1.1: a key that the provider began to use in the middle of a sign-in, a moment after we read its keys, is found',
  async (t) => {
    const upstream = connect(needs(), shared.settings)
    const signIn = async (spoil: Spoil) => {
      shared.provider.spoil = spoil
      const { url, memory } = await upstream.begin({ state, redirectUri })
      return upstream.finish(await signInAt(url, 'alice', redirectUri), memory)
    }
    const before: Spoil = {
      json: { '/jwks': ({ keys }) => ({ keys: (keys as { kid: string }[]).filter(({ kid }) => kid !== 'double') }) },
    }
    await t.notThrowsAsync(signIn(before))
    const rotated: Spoil = { idToken: (honest) => honest }
    const asked = (path: string) => shared.provider.requests.filter((request) => request === path).length
    const [tokens, keys] = [asked('POST /token'), asked('GET /jwks')]
    await t.notThrowsAsync(signIn(rotated))
    t.deepEqual([asked('POST /token') - tokens, asked('GET /jwks') - keys], [1, 1], 'the code was spent once')
    for (let i = 0; i < 6; i++)
      t.is((await refusalOf(signIn({ header: { kid: `forged-${i}` } }))).fault, 'id-token-key-missing')
    t.is(asked('GET /jwks') - keys, 4, 'forged key ids do not make us hammer the provider')
  },
)

const discovery = '/.well-known/openid-configuration'
const documents = {
  'is not there': ['idp-discovery-status', { answers: { [discovery]: { status: 404, ...page } } }],
  'is elsewhere': [
    'idp-discovery-status',
    { answers: { [discovery]: { status: 301, headers: { location: '/there' } } } },
  ],
  'is a page': ['idp-discovery-not-json', { answers: { [discovery]: page } }],
  'is too large': [
    'idp-discovery-not-json',
    { answers: { [discovery]: { body: `{"a":"${'x'.repeat(1_100_000)}"}` } } },
  ],
  'is another provider’s': [
    'idp-issuer-mismatch',
    { json: { [discovery]: (body) => ({ ...body, issuer: 'https://other.example' }) } },
  ],
  'differs by a slash': [
    'idp-issuer-mismatch',
    { json: { [discovery]: (body) => ({ ...body, issuer: `${body.issuer}/` }) } },
  ],
  'names no token endpoint': [
    'idp-metadata-insufficient',
    { json: { [discovery]: ({ token_endpoint: _, ...body }) => body } },
  ],
  'offers no code flow': [
    'idp-metadata-insufficient',
    { json: { [discovery]: (body) => ({ ...body, response_types_supported: ['id_token'] }) } },
  ],
  'offers shared secrets only': [
    'idp-metadata-insufficient',
    { json: { [discovery]: (body) => ({ ...body, id_token_signing_alg_values_supported: ['HS256'] }) } },
  ],
  'takes no secret of ours': [
    'idp-auth-method',
    { json: { [discovery]: (body) => ({ ...body, token_endpoint_auth_methods_supported: ['tls_client_auth'] }) } },
  ],
} satisfies Record<string, [string, Spoil]>
for (const [what, [fault, spoil]] of Object.entries(documents)) {
  test.serial(`OIDC Discovery §4.3: a provider whose document ${what} is for an administrator to mend`, async (t) => {
    shared.provider.spoil = spoil
    const refusal = await refusalOf(connect(needs(), shared.settings).begin({ state, redirectUri }))
    t.like(refusal, { fault, code: 'server_error', help: setUp })
  })
}

test('OIDC Discovery §4: the document is asked for once in ten minutes by all sign-ins together, after a failure in five seconds', async (t) => {
  const own = await start()
  let passed = 0
  const upstream = connect(needs({ clock: () => new Date(Date.now() + passed) }), own.settings)
  const asked = () => own.provider.requests.filter((request) => request === `GET ${discovery}`).length
  const begin = () => upstream.begin({ state, redirectUri })
  own.provider.spoil = { answers: { [discovery]: { status: 503 } } }
  const refusals = await Promise.all([begin(), begin()].map(refusalOf))
  for (const refusal of refusals) t.like(refusal, { fault: 'idp-unreachable', code: later })
  own.provider.spoil = {}
  await refusalOf(begin())
  t.is(asked(), 1)
  passed += 6_000
  await Promise.all([begin(), begin(), begin()])
  await begin()
  t.is(asked(), 2)
  passed += 601_000
  await begin()
  t.is(asked(), 3)
  t.is(
    connect({ ...needs(), fetch: globalThis.fetch }, own.settings),
    connect({ ...needs(), fetch: globalThis.fetch }, { ...own.settings }),
  )
  await own.provider.stop()
})

test('RFC 9126 §5: a provider that requires pushed authorization requests gets one', async (t) => {
  const own = await start()
  own.provider.spoil = { json: { [discovery]: (body) => ({ ...body, require_pushed_authorization_requests: true }) } }
  const upstream = connect(needs(), own.settings)
  const { url, memory } = await upstream.begin({ state, redirectUri })
  t.deepEqual([...url.searchParams.keys()].toSorted(), ['client_id', 'request_uri'])
  t.is((await upstream.finish(await signInAt(url, 'alice', redirectUri), memory)).id_token.given_name, 'Alice')
  const refused = (given: object) => {
    own.provider.spoil = { answers: { '/request': given } }
    return refusalOf(upstream.begin({ state, redirectUri }))
  }
  t.is((await refused(json(401, { error: 'invalid_request' }))).fault, 'idp-par-auth')
  t.is(
    (await refused(json(400, { error: 'invalid_request', error_description: 'Invalid scopes' }))).fault,
    'idp-par-refused',
  )
  t.is((await refused(json(500, {}))).fault, 'idp-temporarily-unavailable')
  await own.provider.stop()
})

test('OIDC Core §9: the client secret goes by the way that the provider offers, or that the setting names', async (t) => {
  const own = await start()
  const only = (method: string): Spoil => ({
    json: { [discovery]: (body) => ({ ...body, token_endpoint_auth_methods_supported: [method] }) },
  })
  for (const [spoil, setting] of [
    [only('client_secret_post'), {}],
    [only('client_secret_basic'), {}],
    [{}, { client_auth: 'post' }],
  ] as const) {
    own.provider.spoil = spoil
    const upstream = connect(needs(), { ...own.settings, ...setting })
    const { url, memory } = await upstream.begin({ state, redirectUri })
    await t.notThrowsAsync(upstream.finish(await signInAt(url, 'alice', redirectUri), memory))
  }
  await own.provider.stop()
})

test.serial('RFC 9207 §2.4: an error without an issuer is reported as the error it is', async (t) => {
  shared.provider.spoil = {}
  const upstream = connect(needs(), shared.settings)
  const { memory } = await upstream.begin({ state, redirectUri })
  const query = new URLSearchParams({
    state,
    error: 'access_denied',
    error_description: 'No access for alice@acme.example, 1234567',
  })
  const error = (await t.throwsAsync(upstream.finish(query, memory))) as ProtocolError
  t.like(error.cause, { fault: 'idp-declined', error: 'access_denied', description: 'No access for … …' })
  query.set('error_description', 'User is not assigned to the client application.')
  t.like(await refusalOf(upstream.finish(query, memory)), { fault: 'idp-not-assigned', help: 'sign-in-refused' })
})

test.serial(
  'OIDC Core §3.1.3.7: an ID token for several audiences is taken if it was authorized for this client',
  async (t) => {
    const aud = ['claimgate', 'project']
    const { id_token } = await attempt(shared, { idToken: (honest) => ({ ...honest, aud, azp: 'claimgate' }) })
    t.deepEqual(id_token.aud, aud)
  },
)

test.serial(
  'where a provider has two addresses, browsers go to one, this node calls the other, and iss is the public one',
  async (t) => {
    shared.provider.spoil = {}
    const asked: string[] = []
    const fetch: typeof globalThis.fetch = (input, init) => {
      asked.push(new URL(String(input)).origin)
      return globalThis.fetch(String(input).replace('http://idp.internal:8080', shared.provider.issuer), init)
    }
    const two = { ...shared.settings, backchannel_url: 'http://idp.internal:8080' }
    const upstream = connect({ ...needs(), fetch }, two)
    const { url, memory } = await upstream.begin({ state, redirectUri })
    t.is(url.origin, shared.provider.issuer)
    const { account } = await upstream.finish(await signInAt(url, 'alice', redirectUri), memory)
    t.deepEqual(account, { issuer: shared.provider.issuer, subject: 'alice' })
    t.deepEqual([...new Set(asked)], ['http://idp.internal:8080'])
  },
)

test.serial(
  'OIDC Core §5.3.2: a signed UserInfo answer of somebody else, or for another client, ends the sign-in',
  async (t) => {
    const { privateKey } = await generateKeyPair('ES256')
    const signed = async (claims: object, header: object) =>
      new SignJWT({ sub: 'alice', ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'double', ...header })
        .sign(privateKey)
    for (const [claims, header, fault] of [
      [{}, {}, 'userinfo-signature'],
      [{ aud: 'another' }, {}, 'userinfo-signature'],
      [{ iss: 'https://other.example' }, {}, 'userinfo-signature'],
      [{ sub: 'bob' }, {}, 'userinfo-subject'],
      [{}, { kid: 'gone' }, 'userinfo-failed'],
    ] as const) {
      const answers = { '/me': { type: 'application/jwt', body: await signed(claims, header) } }
      const refusal = await refusalOf(attempt(shared, { answers }))
      t.is(refusal.fault, fault, JSON.stringify([claims, header]))
      t.notRegex(JSON.stringify([refusal.message, refusal.cause]), /eyJ|alice|bob/)
    }
  },
)

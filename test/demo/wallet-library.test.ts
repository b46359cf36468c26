import test from 'ava'
import { decodeJwt, decodeProtectedHeader, EmbeddedJWK, jwtVerify } from 'jose'
import { accept } from '../../src/wallet/answer.ts'
import {
  authorizationRequest,
  authorizationUrl,
  challengeOf,
  readAuthorizationResponse,
} from '../../src/wallet/authorization.ts'
import { requestCredentials } from '../../src/wallet/credential.ts'
import { encodeForm, type Fetch, send, type Wallet } from '../../src/wallet/exchange.ts'
import { makeDpopProof, makeKey, makeProof } from '../../src/wallet/keys.ts'
import { TokenResponse } from '../../src/wallet/messages.ts'
import { loadMetadata, type Metadata, resolveOffer, wellKnown } from '../../src/wallet/metadata.ts'

const issuer = 'https://issuer.example/acme/staff'
const now = new Date('2026-11-24T12:00:00Z')
const clock = () => now

const offer = { credential_issuer: issuer, credential_configuration_ids: ['EmployeeBadge'] }
const issuerMetadata = {
  credential_issuer: issuer,
  credential_endpoint: `${issuer}/credential`,
  nonce_endpoint: `${issuer}/nonce`,
  credential_configurations_supported: { EmployeeBadge: { format: 'dc+sd-jwt' } },
}
const serverMetadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  authorization_response_iss_parameter_supported: true,
}

const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })

/** Answers by address; notes the requests. */
function network(answers: Record<string, () => Response>) {
  const requests: Request[] = []
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input, init)
    requests.push(request)
    return answers[request.url]?.() ?? new Response('', { status: 404 })
  }
  return { fetch, requests }
}

const documents = {
  'https://issuer.example/.well-known/openid-credential-issuer/acme/staff': () => json(issuerMetadata),
  'https://issuer.example/.well-known/oauth-authorization-server/acme/staff': () => json(serverMetadata),
}
const load = () => loadMetadata(network(documents).fetch, issuer)

test('VCI-29: an offer is read by value, by reference, from any scheme and as JSON', async (t) => {
  const { fetch } = network({ 'https://issuer.example/offers/1': () => json(offer) })
  const byValue = `credential_offer=${encodeURIComponent(JSON.stringify(offer))}`
  const byReference = `credential_offer_uri=${encodeURIComponent('https://issuer.example/offers/1')}`
  for (const link of [
    `openid-credential-offer://?${byValue}`,
    `openid-credential-offer://?${byReference}`,
    `https://wallet.example/add?lang=en&${byReference}`,
    JSON.stringify(offer),
  ]) {
    t.like(await resolveOffer(fetch, link), offer, link)
  }
})

test('VCI-29, VCI-30, VCI-35: what is no offer is refused', async (t) => {
  const { fetch } = network({
    'https://issuer.example/text': () =>
      new Response(JSON.stringify(offer), { headers: { 'content-type': 'text/plain' } }),
    'https://issuer.example/gone': () => json({ error: 'invalid_request' }, 410),
  })
  const value = encodeURIComponent(JSON.stringify(offer))
  const link = (query: string) => `openid-credential-offer://?${query}`
  const refusals: [string, string][] = [
    ['nothing', 'invalid_offer'],
    [link(''), 'invalid_offer'],
    [link(`credential_offer=${value}&credential_offer_uri=https%3A%2F%2Fa.example`), 'invalid_offer'],
    [link('credential_offer=%7B'), 'invalid_offer'],
    [link('credential_offer_uri=file%3A%2F%2F%2Fetc%2Fpasswd'), 'invalid_offer'],
    [JSON.stringify({ ...offer, credential_configuration_ids: [] }), 'invalid_offer'],
    [link('credential_offer_uri=https%3A%2F%2Fissuer.example%2Ftext'), 'invalid_offer'],
    [link('credential_offer_uri=https%3A%2F%2Fissuer.example%2Fgone'), 'invalid_request'],
  ]
  for (const [input, code] of refusals) await t.throwsAsync(resolveOffer(fetch, input), { code }, input)
})

test('VCI-2, VCI-7: metadata is read where the specifications put it', async (t) => {
  t.is(
    wellKnown('https://h.example', 'openid-credential-issuer'),
    'https://h.example/.well-known/openid-credential-issuer',
  )
  const metadata = await load()
  t.is(metadata.issuer.credential_endpoint, `${issuer}/credential`)
  t.is(metadata.authorizationServer.token_endpoint, `${issuer}/token`)
})

test('VCI-6, VCI-7, VCI-33: metadata of another issuer or authorization server is refused', async (t) => {
  const [forIssuer, forServer] = Object.keys(documents) as [string, string]
  const changed = [
    { [forIssuer]: () => json({ ...issuerMetadata, credential_issuer: `${issuer}/` }) },
    { [forServer]: () => json({ ...serverMetadata, issuer: 'https://issuer.example' }) },
    { [forIssuer]: () => json({ ...issuerMetadata, authorization_servers: ['https://as.example'] }) },
  ]
  for (const change of changed) {
    const { fetch } = network({ ...documents, ...change })
    await t.throwsAsync(loadMetadata(fetch, issuer, issuer), { name: 'WalletError' })
  }
})

test('VCI-39, RFC 7636 §4.2: an authorization request asks for configurations and carries an S256 challenge', async (t) => {
  t.is(challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'), 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM')
  const options = { clientId: 'w', redirectUri: 'https://w.example/cb', configurationIds: ['EmployeeBadge'] }
  const metadata = await load()
  const request = authorizationRequest(metadata, { ...options, codeVerifier: 'v', state: 's', issuerState: 'i' })
  const query = authorizationUrl(metadata, request).searchParams
  t.is(query.get('code_challenge_method'), 'S256')
  t.is(query.get('issuer_state'), 'i')
  t.deepEqual(JSON.parse(query.get('authorization_details') ?? ''), [
    { type: 'openid_credential', credential_configuration_id: 'EmployeeBadge' },
  ])
})

test('RFC 9207 §2.4: an answer with another state or iss is refused, an error is passed on', async (t) => {
  const metadata = await load()
  const read = (query: Record<string, string>) => readAuthorizationResponse(metadata, new URLSearchParams(query), 's')
  t.is(read({ code: 'c', state: 's', iss: issuer }), 'c')
  const refusals: [Record<string, string>, string][] = [
    [{ code: 'c', state: 'x', iss: issuer }, 'invalid_response'],
    [{ code: 'c', iss: issuer }, 'invalid_response'],
    [{ code: 'c', state: 's', iss: 'https://other.example' }, 'invalid_response'],
    [{ code: 'c', state: 's' }, 'invalid_response'],
    [{ state: 's', iss: issuer }, 'invalid_response'],
    [{ error: 'access_denied', state: 's', iss: issuer }, 'access_denied'],
  ]
  for (const [query, code] of refusals) t.throws(() => read(query), { code }, JSON.stringify(query))
})

test('VCI-95, VCI-96: a key proof verifies with the key it carries, and any member can be made wrong', async (t) => {
  const key = makeKey()
  const contents = { audience: issuer, nonce: 'n', now }
  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
    const proof = makeProof(makeKey(algorithm), contents)
    const { payload } = await jwtVerify(proof, EmbeddedJWK, { typ: 'openid4vci-proof+jwt', currentDate: now })
    t.deepEqual(payload, { aud: issuer, iat: now.getTime() / 1000, nonce: 'n' })
  }
  const wrong = makeProof(key, contents, { header: { typ: 'JWT' }, claims: { aud: undefined }, key: makeKey() })
  t.is(decodeProtectedHeader(wrong).typ, 'JWT')
  t.false('aud' in decodeJwt(wrong))
  await t.throwsAsync(jwtVerify(wrong, EmbeddedJWK, { currentDate: now }))
})

test('RFC 9449 §4.2: a DPoP proof leaves out query and fragment, and hashes the access token', async (t) => {
  const contents = {
    method: 'POST',
    url: 'https://rs.example/x?a=1#b',
    accessToken: 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU',
  }
  const { payload } = await jwtVerify(makeDpopProof(makeKey(), { ...contents, now }), EmbeddedJWK, {
    typ: 'dpop+jwt',
    currentDate: now,
  })
  t.like(payload, { htm: 'POST', htu: 'https://rs.example/x', ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' })
})

test('RFC 9449 §8: a request is sent once more with the nonce the server wants, and only once', async (t) => {
  const answers = [
    json({ error: 'use_dpop_nonce' }, 400, { 'dpop-nonce': 'n1' }),
    json({ error: 'use_dpop_nonce' }, 400, { 'dpop-nonce': 'n2' }),
  ]
  const { fetch, requests } = network({ [`${issuer}/token`]: () => answers.shift() ?? json({}) })
  const wallet: Wallet = { fetch, clock, dpop: { key: makeKey(), nonces: new Map() } }
  const answer = await send(wallet, { url: `${issuer}/token`, form: { grant_type: 'x' } })
  t.is(answer.body.error, 'use_dpop_nonce')
  t.deepEqual(
    requests.map(({ headers }) => decodeJwt(headers.get('dpop') ?? '').nonce),
    [undefined, 'n1'],
  )
  await send(wallet, { url: `${issuer}/token`, form: {} })
  t.is(decodeJwt(requests[2]?.headers.get('dpop') ?? '').nonce, 'n2', 'the newest nonce is kept')
})

test('VCI-62, VCI-64, RFC 9449 §7.1: a credential request names its identifier, proves its keys and its token', async (t) => {
  const { fetch, requests } = network({
    [`${issuer}/nonce`]: () => json({ c_nonce: 'c' }),
    [`${issuer}/credential`]: () => json({ credentials: [{ credential: 'x' }] }),
  })
  const wallet: Wallet = { fetch, clock, dpop: { key: makeKey(), nonces: new Map() } }
  const metadata: Metadata = await load()
  const details = [{ credential_configuration_id: 'EmployeeBadge', credential_identifiers: ['id-1'] }]
  const token = { access_token: 't', token_type: 'DPoP', authorization_details: details }
  const keys = [makeKey(), makeKey()]
  await requestCredentials(wallet, metadata, token, { configurationId: 'EmployeeBadge', keys })
  const [nonceRequest, request] = requests
  t.is(nonceRequest?.headers.get('dpop'), null, 'the nonce endpoint is not protected')
  t.is(nonceRequest?.headers.get('authorization'), null)
  t.is(request?.headers.get('authorization'), 'DPoP t')
  t.truthy(decodeJwt(request?.headers.get('dpop') ?? '').ath)
  const body = (await request?.json()) as { credential_identifier: string; proofs: { jwt: string[] } }
  t.is(body.credential_identifier, 'id-1')
  t.deepEqual(
    body.proofs.jwt.map((proof) => decodeProtectedHeader(proof).jwk?.x),
    keys.map(({ jwk }) => jwk.x as string),
  )
  t.is(decodeJwt(body.proofs.jwt[0] ?? '').nonce, 'c')
})

test('a refusal is thrown with the code of the server, and an answer of another shape is not taken', (t) => {
  const answer = {
    status: 400,
    headers: new Headers(),
    text: '',
    body: { error: 'invalid_grant', error_description: 'Used.' },
  }
  t.throws(() => accept(TokenResponse, answer), { code: 'invalid_grant', message: /Used\./ })
  t.throws(() => accept(TokenResponse, { ...answer, status: 200, body: {} }), { code: 'invalid_response' })
  t.throws(() => accept(TokenResponse, { ...answer, status: 200, body: { access_token: 't', token_type: 'mac' } }))
})

test('a form repeats lists, writes objects as JSON and leaves out what is undefined', (t) => {
  t.is(
    encodeForm({ a: ['1', '2'], b: [{ c: 1 }], d: undefined, e: 5 }).toString(),
    'a=1&a=2&b=%5B%7B%22c%22%3A1%7D%5D&e=5',
  )
})

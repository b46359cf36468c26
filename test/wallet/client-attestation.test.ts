import test from 'ava'
import type { ClientAuthentication } from '../../src/wallet/client-authentication.ts'
import { type JwtOverrides, makeKey } from '../../src/wallet/keys.ts'
import { makeAttester } from '../support/attester.ts'
import { attesterLists } from '../support/attester-lists.ts'
import { makeStatusList, statusAt } from '../support/key-attester.ts'
import { startTestNode } from '../support/node.ts'
import { requestHead, sendRaw } from '../support/raw-http.ts'
import { isRefused } from '../support/refusals.ts'

const [attester, stranger, keyAttester] = await Promise.all([makeAttester(), makeAttester(), makeAttester()])
const { fetch: withLists, asked, uriOf, serve } = attesterLists()
const node = await startTestNode({
  fetch: withLists,
  attesters: {
    wallets: {
      name: 'Wallet provider',
      attests: ['wallet'],
      certificates: attester.certificates,
      issuer: 'https://attester.example',
      redirect_uris: ['https://wallet.example/callback'],
    },
    keys: { name: 'Key attester', attests: ['key'], certificates: keyAttester.certificates },
  },
  walletProfiles: {
    client: {
      client_id: 'client',
      name: 'Registered client',
      redirect_uris: ['https://wallet.example/callback'],
      jwks: { keys: [makeKey().jwk] },
    },
  },
  settings: { staff: { wallet_attestation: 'required' }, campus: { wallet_attestation: 'optional' } },
})
test.after.always(() => node.stop())

const key = makeKey()
type Attesting = Parameters<typeof attester.attestWallet>

/** How an attested wallet authenticates; whatever is given makes the attestation wrong. */
const attested = (issuer: string, overrides: Attesting[1] = {}, by = attester): ClientAuthentication => ({
  method: 'attestation',
  jwt: by.attestWallet({ key }, overrides),
  key,
  clientId: 'attested-wallet',
  audience: node.identifierOf(issuer),
})
const walletWith = (issuer: string, client = attested(issuer)) =>
  node.wallet(issuer, { client, clientId: 'attested-wallet' })

test('VCI-117, HAIP-16, HAIP-19: an attested wallet, which no profile knows, authenticates at the PAR and the token endpoint', async (t) => {
  const wallet = walletWith('staff')
  const signedIn = await wallet.signIn()
  const token = await wallet.redeem(signedIn)
  t.is(token.status, 200)
  t.is((await wallet.credential(token)).status, 200)
})

test('VCI-117: with a pre-authorized code, too', async (t) => {
  const wallet = walletWith('campus')
  t.is((await wallet.redeem((await node.offer()).code)).status, 200)
})

test('HAIP-18: where attestations are required, nobody comes without: pushed, whole, or with a code', async (t) => {
  const wallet = node.wallet('staff', { clientId: 'test-wallet' })
  isRefused(t, await wallet.push(), 'invalid_client')
  const { status, headers } = await wallet.authorize()
  t.is(status, 303)
  t.is(new URL(headers.get('location') ?? '').searchParams.get('error'), 'invalid_request')
  const other = walletWith('staff')
  const signedIn = await other.signIn()
  isRefused(
    t,
    await other.redeem(signedIn, undefined, { client_id: 'attested-wallet' }, { client: false }),
    'invalid_client',
  )
})

test('HAIP-18: where they are optional, a public wallet is served as before', async (t) => {
  t.is((await node.wallet('campus').redeem((await node.offer()).code)).status, 200)
})

const now = () => Math.floor(Date.now() / 1000)
const wrongAttestations: Record<string, [error: string, overrides: Attesting[1], by?: typeof attester]> = {
  'issuer-fail-invalid-client-attestation-signature: signed with another key': [
    'invalid_client_attestation',
    { key: makeKey() },
  ],
  'issuer-fail-client-attestation-exp-in-past: over': ['use_fresh_attestation', { claims: { exp: now() - 600 } }],
  'issuer-fail-client-attestation-no-sub: without sub': ['invalid_client_attestation', { claims: { sub: undefined } }],
  'VCI-117: of an attester that nobody trusts': ['invalid_client_attestation', {}, stranger],
  'VCI-117: of an attester that is trusted only for keys': ['invalid_client_attestation', {}, keyAttester],
  'HAIP-19: with the trust anchor in x5c': [
    'invalid_client_attestation',
    { header: { x5c: [...attester.x5c, attester.root.toString('base64')] } },
  ],
  'HAIP-19: without x5c': ['invalid_client_attestation', { header: { x5c: undefined } }],
  'ABCA-2: of another typ': ['invalid_client_attestation', { header: { typ: 'JWT' } }],
  'ABCA-2: by none': ['invalid_client_attestation', { header: { alg: 'none' } }],
  'ABCA-2: without exp': ['invalid_client_attestation', { claims: { exp: undefined } }],
  'ABCA-2: valid only later': ['invalid_client_attestation', { claims: { nbf: now() + 3600 } }],
  'ABCA-2: without cnf': ['invalid_client_attestation', { claims: { cnf: undefined } }],
  'ABCA-4: with a private key in cnf': [
    'invalid_client_attestation',
    { claims: { cnf: { jwk: key.privateKey.export({ format: 'jwk' }) } } },
  ],
  'ABCA-2: with the iss of somebody else': ['invalid_client_attestation', { claims: { iss: 'https://evil.example' } }],
  'HAIP-19: for another client than its proof of possession': [
    'invalid_client_attestation',
    { claims: { sub: 'another-wallet' } },
  ],
}
for (const [title, [error, overrides, by]] of Object.entries(wrongAttestations)) {
  test(`${title} is refused`, async (t) => {
    const answer = await walletWith('staff', attested('staff', overrides, by)).push()
    isRefused(t, answer, error)
    t.is(answer.headers.get('cache-control'), 'no-store')
  })
}

const wrongProofs: Record<string, [error: string, overrides: JwtOverrides]> = {
  'issuer-fail-mismatched-client-attestation-pop-key: signed by another key than cnf': [
    'invalid_client_attestation',
    { key: makeKey() },
  ],
  'issuer-fail-client-attestation-pop-wrong-aud: for another server': [
    'invalid_client_attestation',
    { claims: { aud: 'https://elsewhere.example' } },
  ],
  'ABCA-3: for an endpoint instead of the server': [
    'invalid_client_attestation',
    { claims: { aud: `${node.identifierOf('staff')}/par` } },
  ],
  'ABCA-3: without jti': ['invalid_client_attestation', { claims: { jti: undefined } }],
  'ABCA-3: without iat': ['invalid_client_attestation', { claims: { iat: undefined } }],
  'ABCA-3: of an hour ago': ['invalid_client_attestation', { claims: { iat: now() - 3600 } }],
  'ABCA-3: of another typ': ['invalid_client_attestation', { header: { typ: 'dpop+jwt' } }],
  'ABCA-3: with the iss of another client': ['invalid_client_attestation', { claims: { iss: 'another-wallet' } }],
  'ABCA-5: without the challenge of this server': ['use_attestation_challenge', { claims: { challenge: undefined } }],
  'ABCA-5: with a challenge that nobody gave': ['use_attestation_challenge', { claims: { challenge: 'nonsense' } }],
}
for (const [title, [error, overrides]] of Object.entries(wrongProofs)) {
  test(`${title} is refused`, async (t) => {
    const wallet = walletWith('staff')
    t.is((await wallet.push()).status, 201, 'now it knows a challenge')
    const answer = await wallet.push({}, { client: overrides })
    isRefused(t, answer, error)
    if (error === 'use_attestation_challenge')
      t.regex(answer.headers.get('oauth-client-attestation-challenge') ?? '', /./)
  })
}

test('issuer-fail-invalid-client-attestation-pop-signature: a proof of possession whose signature is broken is refused', async (t) => {
  const wallet = walletWith('staff')
  await wallet.push()
  const broken = `${attester.attestWallet({ key }).split('.').slice(0, 2).join('.')}.AAAA`
  isRefused(
    t,
    await wallet.push({}, { headers: { 'oauth-client-attestation-pop': broken } }),
    'invalid_client_attestation',
  )
})

test('ABCA-1: an attestation without a proof of possession is refused', async (t) => {
  const wallet = walletWith('staff')
  const missing = await wallet.push({}, { headers: { 'oauth-client-attestation-pop': undefined } })
  isRefused(t, missing, 'invalid_client_attestation')
})

test('ABCA-5: the next challenge comes with the answer, at the PAR and the token endpoint', async (t) => {
  const wallet = walletWith('campus')
  await wallet.push()
  const answers = [await wallet.push(), await wallet.redeem((await node.offer()).code)]
  t.deepEqual(
    answers.map(({ status }) => status),
    [201, 200],
  )
  const challenges = answers.map(({ headers }) => headers.get('oauth-client-attestation-challenge'))
  for (const challenge of challenges) t.truthy(challenge)
  t.is(new Set(challenges).size, 2)
})

test('FAPI-1: a client that is registered with keys is not let in by an attestation instead', async (t) => {
  const clientId = 'client'
  const client = { ...attested('campus'), clientId, jwt: attester.attestWallet({ key, clientId }) }
  const answer = await node.wallet('campus', { client, clientId }).push()
  isRefused(t, answer, 'invalid_client')
  t.is(answer.body.error_description, 'This client authenticates by private_key_jwt.')
})

test('ABCA-4: a proof of possession is good for one request', async (t) => {
  const wallet = walletWith('campus')
  await wallet.push()
  const same = { client: { claims: { jti: 'the-same' } } }
  t.is((await wallet.push({}, same)).status, 201)
  isRefused(t, await wallet.push({}, same), 'invalid_client_attestation')
})

test('ABCA-2: what later drafts leave out may be left out: iss of both', async (t) => {
  const wallet = walletWith('staff', attested('staff', { claims: { iss: undefined } }))
  await wallet.push()
  t.is((await wallet.push({}, { client: { claims: { iss: undefined } } })).status, 201)
})

test('ABCA-7: in draft -10 the DPoP proof is the proof of possession', async (t) => {
  const wallet = node.wallet('staff', { dpop: true, clientId: 'attested-wallet' })
  const jwt = attester.attestWallet({ key: wallet.dpopKey })
  t.is((await wallet.push({}, { headers: { 'oauth-client-attestation': jwt } })).status, 201)
  const other = attester.attestWallet({ key })
  isRefused(t, await wallet.push({}, { headers: { 'oauth-client-attestation': other } }), 'invalid_client_attestation')
})

test('ABCA-5, ABCA-7: there, a challenge of the challenge endpoint is as good a nonce; without an attestation it is none', async (t) => {
  const wallet = node.wallet('staff', { dpop: true, clientId: 'attested-wallet' })
  const headers = { 'oauth-client-attestation': attester.attestWallet({ key: wallet.dpopKey }) }
  const answer = await fetch(`${wallet.issuer}/challenge`, { method: 'POST' })
  const { attestation_challenge: nonce } = (await answer.json()) as { attestation_challenge: string }
  t.is((await wallet.push({}, { headers, dpop: { claims: { nonce } } })).status, 201)
  for (const other of [undefined, 'made-up']) {
    const refused = await wallet.push({}, { headers, dpop: { claims: { nonce: other } } })
    isRefused(t, refused, 'use_dpop_nonce')
    t.truthy(refused.headers.get('dpop-nonce'))
  }
  const plain = node.wallet('campus', { dpop: true })
  const of = await fetch(`${plain.issuer}/challenge`, { method: 'POST' })
  const { attestation_challenge: foreign } = (await of.json()) as { attestation_challenge: string }
  const { code } = await node.offer()
  isRefused(t, await plain.redeem(code, undefined, {}, { dpop: { claims: { nonce: foreign } } }), 'use_dpop_nonce')
})

test('ABCA-1: several headers of one kind are refused', async (t) => {
  const wallet = walletWith('staff')
  await wallet.push()
  const jwt = attester.attestWallet({ key })
  const body = new URLSearchParams({ client_id: 'attested-wallet' }).toString()
  const type = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(body.length) }
  for (const twice of [
    { 'oauth-client-attestation': [jwt, jwt], 'oauth-client-attestation-pop': 'x' },
    { 'oauth-client-attestation': jwt, 'oauth-client-attestation-pop': ['x', 'x'] },
  ]) {
    const answer = await sendRaw(node.url, requestHead('POST', '/test/staff/par', { ...type, ...twice }), body)
    t.is(answer.status, 400)
    t.like(JSON.parse(answer.text), {
      error: 'invalid_client_attestation',
      error_description: 'A header of the client attestation is there several times.',
    })
  }
})

test('HAIP-19, ABCA-8: a code belongs to the instance of the wallet that asked for it', async (t) => {
  const wallet = walletWith('staff')
  const signedIn = await wallet.signIn()
  const another = makeKey()
  const client: ClientAuthentication = { ...attested('staff'), key: another } as ClientAuthentication
  Object.assign(client, { jwt: attester.attestWallet({ key: another }) })
  const thief = walletWith('staff', client)
  await thief.push()
  const answer = await thief.redeem(signedIn, undefined, { code_verifier: wallet.codeVerifier })
  isRefused(t, answer, 'invalid_grant')
  t.is((await wallet.redeem(signedIn)).status, 200)
})

test('HAIP-19: client_id is the sub of the attestation', async (t) => {
  isRefused(t, await walletWith('staff').push({ client_id: 'test-wallet' }), 'invalid_client')
})

test('VCI-117: an attested wallet is sent only where its attester says', async (t) => {
  isRefused(t, await walletWith('staff').push({ redirect_uri: 'https://wallet.example/other' }), 'invalid_request')
})

test('ABCA-5: the challenge endpoint gives a fresh one to everybody, for nobody to keep', async (t) => {
  const challenges = []
  for (const _ of [1, 2]) {
    const answer = await fetch(`${node.identifierOf('staff')}/challenge`, { method: 'POST' })
    t.is(answer.status, 200)
    t.is(answer.headers.get('content-type'), 'application/json')
    t.regex(answer.headers.get('cache-control') ?? '', /no-store/)
    t.is(answer.headers.get('access-control-allow-origin'), '*')
    challenges.push(((await answer.json()) as { attestation_challenge: string }).attestation_challenge)
  }
  t.not(challenges[0], challenges[1])
  t.is((await fetch(`${node.identifierOf('registry')}/challenge`, { method: 'POST' })).status, 404)
})

test('ABCA-7, VCI-27: the metadata says what is served, and no more', async (t) => {
  const metadataOf = async (issuer: string) => (await node.wallet(issuer).metadata()).authorizationServer
  const identifier = node.identifierOf('staff')
  t.like(await metadataOf('staff'), {
    token_endpoint_auth_methods_supported: ['attest_jwt_client_auth', 'attest_jwt_client_auth_dpop'],
    client_attestation_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA'],
    client_attestation_pop_signing_alg_values_supported: ['ES256', 'ES384', 'EdDSA'],
    challenge_endpoint: `${identifier}/challenge`,
    require_pushed_authorization_requests: true,
  })
  t.like(await metadataOf('campus'), {
    token_endpoint_auth_methods_supported: [
      'none',
      'private_key_jwt',
      'attest_jwt_client_auth',
      'attest_jwt_client_auth_dpop',
    ],
  })
  const off = await metadataOf('registry')
  t.like(off, { token_endpoint_auth_methods_supported: ['none'] })
  t.is(off.challenge_endpoint, undefined)
})

test('VCI-118: an attestation that was revoked or suspended, or whose status cannot be had, is refused; one that holds is not', async (t) => {
  serve('wallets', makeStatusList(attester, { uri: uriOf('wallets'), entries: { 1: 1, 2: 2 } }))
  const pushed = (name: string, index: number) =>
    walletWith('staff', attested('staff', { claims: statusAt(uriOf(name), index) })).push()
  t.is((await pushed('wallets', 0)).status, 201)
  for (const [name, index] of [
    ['wallets', 1],
    ['wallets', 2],
    ['wallets', 10_000],
    ['nowhere', 0],
  ] as const)
    isRefused(t, await pushed(name, index), 'invalid_client_attestation')
  t.is(asked.filter((url) => url === uriOf('wallets')).length, 1, 'the list is kept')
  const claims = { status: { identifier_list: { id: 'x', uri: 'https://x.example' } } }
  isRefused(t, await walletWith('staff', attested('staff', { claims })).push(), 'invalid_client_attestation')
})

test('VCI-118: a list is asked for only where the wallet has proven its key', async (t) => {
  const wallet = walletWith('staff', attested('staff', { claims: statusAt(uriOf('unasked'), 0) }))
  isRefused(t, await wallet.push({}, { client: { key: makeKey() } }), 'invalid_client_attestation')
  t.false(asked.includes(uriOf('unasked')))
})

import test from 'ava'
import { startTestNode } from '../support/node.ts'
import { person } from '../support/tenant.ts'

const node = await startTestNode()
test.after.always(() => node.stop())

const detail = (members: object) => [{ type: 'openid_credential', ...members }]

test('RFC 9126 §2.2: a pushed request gets an unguessable request_uri for 90 seconds that nobody may cache', async (t) => {
  const { status, headers, body } = await node.wallet('staff').push()
  t.is(status, 201)
  t.regex(body.request_uri, /^urn:ietf:params:oauth:request_uri:[A-Za-z0-9_-]{43}$/)
  t.is(body.expires_in, 90)
  t.is(headers.get('cache-control'), 'no-store')
  t.is(headers.get('access-control-allow-origin'), '*')
})

test('RFC 9126 §2: wallets that push to the authorization endpoint and /par are served, too', async (t) => {
  const wallet = node.wallet('staff')
  t.is((await wallet.push({}, { url: `${wallet.issuer}/authorize/par` })).status, 201)
})

test('RFC 9126 §2.3: only POST, and only a form', async (t) => {
  const wallet = node.wallet('staff')
  t.is((await wallet.push({}, { method: 'GET' })).status, 405)
  const json = await wallet.push({}, { headers: { 'content-type': 'application/json' }, raw: '{}' })
  t.like(json, { status: 400, body: { error: 'invalid_request' } })
})

test('VCI-38, VCI-39, VCI-43, VCI-130: what makes no authorization request is refused with the code of the standard', async (t) => {
  const wallet = node.wallet('staff')
  const refusals: [name: string, error: string, members: object][] = [
    ['no client', 'invalid_request', { client_id: undefined }],
    ['a client nobody knows', 'invalid_client', { client_id: 'stranger' }],
    ['no redirect URI', 'invalid_request', { redirect_uri: undefined }],
    ['a longer redirect URI', 'invalid_request', { redirect_uri: 'https://wallet.example/callback/more' }],
    ['the redirect URI of another client', 'invalid_request', { redirect_uri: 'https://foreign.example/callback' }],
    ['no response_type', 'invalid_request', { response_type: undefined }],
    ['an empty response_type counts as none', 'invalid_request', { response_type: '' }],
    ['another response_type', 'unsupported_response_type', { response_type: 'code id_token' }],
    ['another response_mode', 'invalid_request', { response_mode: 'form_post' }],
    ['no PKCE', 'invalid_request', { code_challenge: undefined, code_challenge_method: undefined }],
    ['PKCE without a method, which means plain', 'invalid_request', { code_challenge_method: undefined }],
    ['PKCE by plain', 'invalid_request', { code_challenge_method: 'plain' }],
    ['a challenge that is too short', 'invalid_request', { code_challenge: 'short' }],
    ['a request object', 'request_not_supported', { request: 'e30.e30.' }],
    ['a request_uri', 'invalid_request', { request_uri: 'urn:ietf:params:oauth:request_uri:x' }],
    ['another resource', 'invalid_target', { resource: 'https://other.example' }],
    ['a state of ten thousand characters', 'invalid_request', { state: 's'.repeat(10_000) }],
    ['nothing asked for', 'invalid_request', { authorization_details: undefined }],
    ['no known scope', 'invalid_scope', { authorization_details: undefined, scope: 'openid nope' }],
    ['details that are not JSON', 'invalid_authorization_details', { authorization_details: '{' }],
    ['details that are no list', 'invalid_authorization_details', { authorization_details: { type: 'x' } }],
    ['another type', 'invalid_authorization_details', { authorization_details: [{ type: 'payment' }] }],
    ['no configuration', 'invalid_authorization_details', { authorization_details: detail({}) }],
    [
      'an unknown configuration',
      'invalid_authorization_details',
      { authorization_details: detail({ credential_configuration_id: 'Nope' }) },
    ],
    [
      'another issuer',
      'invalid_authorization_details',
      {
        authorization_details: detail({
          credential_configuration_id: 'EmployeeBadge',
          locations: ['https://other.example'],
        }),
      },
    ],
    ['an issuer_state nobody gave out', 'invalid_request', { issuer_state: 'nobody-gave-this-out' }],
    ['an issuer_state that is too long', 'invalid_request', { issuer_state: 'x'.repeat(501) }],
  ]
  for (const [name, error, members] of refusals) {
    const { status, body } = await wallet.push({ ...members })
    t.is(status, 400, name)
    t.is(body.error, error, name)
    t.regex(body.error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/, name)
  }
})

test('RFC 6749 §3.1: a repeated parameter is refused', async (t) => {
  const wallet = node.wallet('staff')
  t.like(await wallet.push({ state: ['a', 'b'] }), { status: 400, body: { error: 'invalid_request' } })
})

test('VCI-39, VCI-40, VCI-43: unknown parameters, scopes and members are ignored; locations and resource may name the issuer', async (t) => {
  const wallet = node.wallet('staff')
  const { issuer } = wallet
  const known = { credential_configuration_id: 'EmployeeBadge' }
  const accepted: [name: string, members: object][] = [
    ['unknown parameters', { nonsense: 'x', user_hint: 'y', wallet_issuer: 'https://w.example' }],
    ['an unknown scope beside a known one', { authorization_details: undefined, scope: 'openid EmployeeBadge nope' }],
    ['unknown members', { authorization_details: detail({ ...known, format: 'jwt', claims: [] }) }],
    ['this issuer', { authorization_details: detail({ ...known, locations: [issuer] }), resource: issuer }],
    ['scope and details together', { scope: 'EmployeeBadge LibraryCard' }],
    ['no state', { state: undefined }],
  ]
  for (const [name, members] of accepted) t.is((await wallet.push({ ...members })).status, 201, name)
})

test.serial('VCI-42: an offer that is over, or of another issuer, opens nothing', async (t) => {
  const { offer, wallet } = node
  const [campus, now] = [await node.issuer('campus'), node.services.clock()]
  const { offers, sharedOffers } = node.services.tables
  const bySignIn = { issuer: 'campus', grants: ['authorization_code' as const] }
  const personal = { ...bySignIn, claims: person }
  const push = (at: string, issuer_state: string) => wallet(at).push({ issuer_state })
  for (const kind of [bySignIn, personal]) {
    const [open, withdrawn, brief] = [await offer(kind), await offer(kind), await offer({ ...kind, expires_in: 60 })]
    await offers.withdraw(campus, withdrawn.id, now)
    await sharedOffers.withdraw(campus, withdrawn.id, now)
    t.is((await push('campus', open.issuerState)).status, 201)
    t.like(await push('staff', open.issuerState), { status: 400, body: { error: 'invalid_request' } })
    t.like(await push('campus', withdrawn.issuerState), { status: 400, body: { error: 'invalid_request' } })
    node.wait({ minutes: 2 })
    t.like(await push('campus', brief.issuerState), { status: 400, body: { error: 'invalid_request' } })
  }
})

test('VCI-42: an offer limits what can be asked for, and stands for it where the wallet names nothing', async (t) => {
  const { issuerState: issuer_state } = await node.offer({ issuer: 'staff', configuration: 'EmployeeBadge' })
  const wallet = node.wallet('staff')
  const asking = (authorization_details: object[] | undefined) => wallet.push({ issuer_state, authorization_details })
  t.is((await asking(undefined)).status, 201)
  t.is((await asking(detail({ credential_configuration_id: 'EmployeeBadge' }))).status, 201)
  const other = await asking(detail({ credential_configuration_id: 'LibraryCard' }))
  t.like(other, { status: 400, body: { error: 'invalid_request' } })
})

test('RFC 9449 §10.1: a DPoP proof at the PAR endpoint binds the code to its key', async (t) => {
  const wallet = node.wallet('staff', { dpop: true })
  const signedIn = await wallet.signIn()
  const thief = node.wallet('staff', { dpop: true })
  const stolen = await thief.redeem(signedIn, undefined, { code_verifier: wallet.codeVerifier })
  t.like(stolen, { status: 400, body: { error: 'invalid_grant' } })
  const bearer = node.wallet('staff')
  const unproven = await bearer.redeem(signedIn, undefined, { code_verifier: wallet.codeVerifier })
  t.like(unproven, { status: 400, body: { error: 'invalid_grant' } })
  t.like(await wallet.redeem(signedIn), { status: 200, body: { token_type: 'DPoP' } })
})

test('RFC 9449 §10: dpop_jkt binds the code as well, and has to name the key of the proof', async (t) => {
  const wallet = node.wallet('staff', { dpop: true })
  const { thumbprint } = wallet.dpopKey
  t.is((await wallet.push({ dpop_jkt: thumbprint })).status, 201)
  const other = await wallet.push({ dpop_jkt: 'A'.repeat(43) })
  t.like(other, { status: 400, body: { error: 'invalid_request' } })

  const signedIn = await wallet.signIn({ push: false, members: { dpop_jkt: thumbprint } })
  const stolen = await node.wallet('staff').redeem(signedIn, undefined, { code_verifier: wallet.codeVerifier })
  t.like(stolen, { status: 400, body: { error: 'invalid_grant' } })
  t.is((await wallet.redeem(signedIn)).status, 200)
})

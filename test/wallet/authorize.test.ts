import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { authorizeWallet } from '../../src/issuance/authorize-wallet.ts'
import { startTestNode } from '../support/node.ts'
import { elementOf } from '../support/plain-browser.ts'
import { person } from '../support/tenant.ts'
import { answerIn, helpOf, personAt, wayBackOf } from '../support/way.ts'

/** The tenant of every test, with a second and a third identity provider. */
function tenantWithThree(): string {
  const fixture = readFileSync(join(import.meta.dirname, '../support/fixtures/tenant.yaml'), 'utf8')
  const like = (id: string, more: string) => `
  ${id}:
    kind: oidc
    display: [{ name: ${id} account }]
    issuer: \${env:IDP_ISSUER}
    client_id: \${env:IDP_CLIENT_ID}
    client_secret: \${env:IDP_CLIENT_SECRET}
    par: off
    ${more}`
  const providers = `${like('second', 'domains: [second.example]')}${like('third', 'disabled: true')}\n\nwallet_profiles:`
  const text = fixture.replace('\nwallet_profiles:', providers).replaceAll('[idp]', '[idp, second, third]')
  const file = join(mkdtempSync(join(process.env.TEST_RUN_DIR ?? tmpdir(), 'tenant-')), 'tenant.yaml')
  writeFileSync(file, text)
  return file
}

const node = await startTestNode({ settings: { campus: { pushed_authorization_requests: 'required' } } })
const choosing = await startTestNode({ tenantFile: tenantWithThree() })
test.after.always(async () => {
  await node.stop()
  await choosing.stop()
})
const { redirectUri } = node.wallet('staff')

/** Where one GET of the authorization endpoint leads. */
const locationOf = (answer: { headers: Headers }) => answer.headers.get('location') ?? ''

test('VCI-44: an unproven client or redirect URI ends on a page and never in a redirect', async (t) => {
  const cases: [at: string, members: object][] = [
    ['staff', { client_id: 'stranger' }],
    ['staff', { client_id: undefined }],
    ['staff', { redirect_uri: 'https://evil.example/callback' }],
    ['staff', { redirect_uri: undefined }],
    ['staff', { state: 's'.repeat(10_000) }],
    ['registry', {}],
    ...['javascript:alert(1)', 'data:text/html,x', 'intent://x', 'http://evil.example/'].map(
      (redirect_uri): [string, object] => ['campus', { redirect_uri }],
    ),
  ]
  for (const [at, members] of cases) {
    const wallet = node.wallet(at)
    const query = { client_id: wallet.clientId, redirect_uri: redirectUri, response_type: 'token', ...members }
    const url = new URL(`${wallet.issuer}/authorize`)
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value)
    const answer = await fetch(url, { redirect: 'manual' })
    const text = await answer.text()
    t.is(answer.status, 400, JSON.stringify(members).slice(0, 100))
    t.is(answer.headers.get('location'), null)
    t.is(helpOf({ text }), 'wallet-request')
    t.is(elementOf({ text } as never, 'back-to-wallet'), undefined)
  }
})

test('VCI-44, RFC 9207 §2: every other mistake goes to the proven redirect URI, with state and iss', async (t) => {
  const wallet = node.wallet('staff')
  const mistakes: [error: string, members: object][] = [
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_request', { code_challenge: undefined }],
    ['invalid_scope', { authorization_details: undefined, scope: 'nope' }],
    ['invalid_target', { resource: 'https://other.example' }],
    ['request_not_supported', { request: 'e30.e30.' }],
    ['invalid_authorization_details', { authorization_details: [{ type: 'payment' }] }],
  ]
  for (const [error, members] of mistakes) {
    const answer = await wallet.authorize({ ...members })
    t.is(answer.status, 303, error)
    t.true(locationOf(answer).startsWith(`${redirectUri}?`), error)
    t.like(answerIn(locationOf(answer)), { error, state: wallet.state, iss: wallet.issuer })
  }
})

test('RFC 6749 §4.1.2.1: state is echoed exactly, and is absent if it was absent', async (t) => {
  const wallet = node.wallet('staff')
  const wrong = { response_type: 'token' }
  const odd = ' a&b=c+d%20"ü€/?#\\{}'
  t.is(answerIn(locationOf(await wallet.authorize({ ...wrong, state: odd }))).state, odd)
  t.false('state' in answerIn(locationOf(await wallet.authorize({ ...wrong, state: undefined }))))
  const custom = await wallet.authorize({ ...wrong, redirect_uri: 'test-wallet://callback' })
  t.true(locationOf(custom).startsWith('test-wallet://callback?error=unsupported_response_type&'))
})

test('RFC 6749 §3.1: a whole request is served by GET and by POST', async (t) => {
  const wallet = node.wallet('staff')
  const url = await wallet.authorizeUrl()
  const posted = await fetch(url.origin + url.pathname, { method: 'POST', body: url.searchParams, redirect: 'manual' })
  for (const answer of [await fetch(url, { redirect: 'manual' }), posted]) {
    t.is(answer.status, 303)
    t.true(locationOf(answer).startsWith(node.identityProvider.issuer))
    t.is(answer.headers.get('access-control-allow-origin'), null, 'no CORS at the authorization endpoint')
  }
})

test('RFC 9126 §5: where pushed requests are required a whole one is refused', async (t) => {
  const wallet = node.wallet('campus')
  t.is(answerIn(locationOf(await wallet.authorize())).error, 'invalid_request')
  t.true((await wallet.signIn()).code !== '')
})

test('RFC 9126 §4: beside request_uri only client_id counts, and it has to be the client that pushed', async (t) => {
  const wallet = node.wallet('staff')
  const { request_uri } = (await wallet.push()).body
  const other = await wallet.authorize({ request_uri, client_id: 'foreign-wallet' })
  t.is(other.status, 400)
  t.is(locationOf(other), '')
  const bent = { request_uri, redirect_uri: 'https://evil.example/', state: 'another', response_type: 'token' }
  const answer = await wallet.authorize(bent)
  t.true(locationOf(answer).startsWith(node.identityProvider.issuer))
})

test('RFC 9126 §2.2: an unknown request_uri, and one of another issuer, end on a page', async (t) => {
  const wallet = node.wallet('staff')
  const { request_uri } = (await node.wallet('campus').push()).body
  for (const uri of [request_uri, `${request_uri}x`, 'urn:ietf:params:oauth:request_uri:', 'https://x.example']) {
    const answer = await wallet.authorize({ request_uri: uri })
    t.is(answer.status, 400)
    t.is(helpOf(answer), 'wallet-waited')
  }
})

test.serial('RFC 9126 §4: a request_uri waits 90 seconds for its first visit, then the wallet is told', async (t) => {
  const wallet = node.wallet('staff')
  const [soon, late] = [await wallet.push(), await wallet.push()]
  node.wait({ seconds: 85 })
  t.is((await wallet.authorize({ request_uri: soon.body.request_uri })).status, 303)
  node.wait({ seconds: 10 })
  const page = await personAt(redirectUri).go(await wallet.authorizeUrl({ request_uri: late.body.request_uri }))
  t.is(page.status, 400)
  t.is(helpOf(page), 'wallet-waited')
  t.like(wayBackOf(page), { error: 'invalid_request', state: wallet.state, iss: wallet.issuer })
})

test('RFC 9126 §4: a reload goes on in the same browser; in another one nothing opens', async (t) => {
  const wallet = node.wallet('staff')
  const { request_uri } = (await wallet.push()).body
  const url = await wallet.authorizeUrl({ request_uri })
  const mine = personAt(redirectUri)
  t.truthy(elementOf(await mine.go(url), 'sign-in'))
  t.truthy(elementOf(await mine.go(url), 'sign-in'))
  const stranger = await personAt(redirectUri).go(url)
  t.is(helpOf(stranger), 'another-browser')
  t.is(elementOf(stranger, 'back-to-wallet'), undefined)
  const consent = await mine.consent(url, 'alice')
  t.truthy(elementOf(await mine.go(url), 'approve'), 'who is signed in is not asked to sign in again')
  t.truthy(answerIn((await mine.press(consent, 'approve')).url).code)
  const after = await mine.go(url)
  t.is(helpOf(after), 'page-over')
})

test('RFC 9126 §4: of ten first visits at once one begins the sign-in', async (t) => {
  const wallet = node.wallet('staff')
  const { request_uri } = (await wallet.push()).body
  const { searchParams } = await wallet.authorizeUrl({ request_uri })
  const issuer = await node.issuer('staff')
  const browser = { cookie: () => undefined, language: 'en', locales: undefined }
  // Straight to the use case: over HTTP one request would often be done before the next one is read.
  const visits = await Promise.allSettled(
    Array.from({ length: 10 }, () => authorizeWallet(node.services, issuer, searchParams, browser)),
  )
  t.is(visits.filter(({ status }) => status === 'fulfilled').length, 1)
  for (const visit of visits) if (visit.status === 'rejected') t.is(visit.reason.help, 'another-browser')
})

test('RFC 6265 §4.1: the sign-in has one cookie that no script reads and no other site sends', async (t) => {
  const answer = await node.wallet('staff').authorize()
  const [cookie = '', ...more] = answer.headers.getSetCookie()
  t.is(more.length, 0)
  t.regex(cookie, /^claimgate-[0-9a-f-]{36}=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=3600$/)
})

test('RFC 6265bis §4.1.3: with https the cookie is Secure and bound to the host', async (t) => {
  const secure = await startTestNode({ config: { publicUrl: 'https://secure.example' } })
  const { searchParams } = await node.wallet('staff').authorizeUrl()
  const url = `${secure.url}/test/staff/authorize?${searchParams}`
  const answer = await fetch(url, { redirect: 'manual' })
  t.regex(
    answer.headers.getSetCookie()[0] ?? '',
    /^__Host-claimgate-[^;]+; Path=\/; HttpOnly; SameSite=Lax; .*; Secure$/,
  )
  await secure.stop()
})

test('RFC 9110 §9.3.2: what only looks whether the address answers is no visit', async (t) => {
  const wallet = node.wallet('staff')
  const { request_uri } = (await wallet.push()).body
  const url = await wallet.authorizeUrl({ request_uri })
  t.is((await fetch(url, { method: 'HEAD', redirect: 'manual' })).status, 204)
  t.is((await fetch(url, { redirect: 'manual' })).status, 303)
})

test('OIDC Core §3.1.2.1: the provider is asked in the languages of the person, with the login_hint of the offer', async (t) => {
  const { issuerState: issuer_state } = await node.offer({
    issuer: 'staff',
    claims: person,
    login_hint: 'ada@test.example',
  })
  const url = await node.wallet('staff').authorizeUrl({ issuer_state, login_hint: 'mallory@evil.example' })
  const headers = { 'accept-language': 'en;q=0.7, de-AT, xx;q=0, *;q=0.1' }
  const upstream = new URL(locationOf(await fetch(url, { headers, redirect: 'manual' })))
  const asked = Object.fromEntries(upstream.searchParams)
  t.like(asked, { ui_locales: 'de-AT en', login_hint: 'ada@test.example', code_challenge_method: 'S256' })
  t.is(asked.redirect_uri, `${node.url}/test/callback/idp`)
  t.truthy(asked.nonce)
  t.not(asked.state, node.wallet('staff').state)
})

test('VCI-42: an offer that was used, or is full, is told to the person, with the way back', async (t) => {
  const one = await node.offer({ issuer: 'staff', claims: person })
  const wallet = node.wallet('staff')
  const members = { issuer_state: one.issuerState }
  t.is((await wallet.redeem(await wallet.signIn({ members }))).status, 200)
  const page = await personAt(redirectUri).go(await wallet.authorizeUrl(members))
  t.is(page.status, 410)
  t.is(helpOf(page), 'offer-used')
  t.like(wayBackOf(page), { error: 'invalid_request', state: wallet.state, iss: wallet.issuer })
})

test('VCI-44: where several providers can serve a sign-in the person chooses, and the choice is remembered', async (t) => {
  const wallet = choosing.wallet('staff')
  const browser = personAt(redirectUri)
  const page = await browser.go(await wallet.authorizeUrl())
  t.is(page.status, 200)
  t.deepEqual(
    ['idp-idp', 'idp-second', 'idp-third'].map((id) => elementOf(page, id)?.value),
    ['idp', 'second', undefined],
    'a disabled provider is no choice',
  )
  t.like(wayBackOf(page), { error: 'access_denied', state: wallet.state, iss: wallet.issuer })
  t.notRegex(page.text, /Last used/)
  const signIn = await browser.press(page, 'idp-idp')
  const consent = await browser.press(signIn, 'sign-in', { username: 'alice', password: 'alice' })
  t.truthy(answerIn((await browser.press(consent, 'approve')).url).code)
  t.regex((await browser.go(await wallet.authorizeUrl())).text, /Last used/)
})

test('VCI-44: the chooser takes no provider that is not a choice, and answers no other browser', async (t) => {
  const url = await choosing.wallet('staff').authorizeUrl()
  const browser = personAt(redirectUri)
  const page = await browser.go(url)
  const session = /name="session" value="(ses_[^"]+)"/.exec(page.text)?.[1] ?? ''
  const choose = (person: typeof browser, identity_provider: string) =>
    person.go(url.origin + url.pathname, { method: 'POST', body: new URLSearchParams({ session, identity_provider }) })
  t.truthy(elementOf(await choose(browser, 'third'), 'idp-idp'))
  t.truthy(elementOf(await choose(browser, '__proto__'), 'idp-idp'))
  t.is(helpOf(await choose(personAt(redirectUri), 'idp')), 'another-browser')
})

test('VCI-44: an e-mail address, typed or in the offer, finds the provider by its domain', async (t) => {
  const wallet = choosing.wallet('staff')
  const body = (page: { text: string }, email: string) => {
    const session = /name="session" value="(ses_[^"]+)"/.exec(page.text)?.[1] ?? ''
    return new URLSearchParams({ session, email })
  }
  const browser = personAt(redirectUri)
  const url = await wallet.authorizeUrl()
  const page = await browser.go(url)
  const unknown = await browser.go(`${wallet.issuer}/authorize`, {
    method: 'POST',
    body: body(page, 'ada@nobody.example'),
  })
  t.is(unknown.status, 422)
  t.truthy(elementOf(unknown, 'email-error'))
  const cookie = (await fetch(url, { redirect: 'manual' })).headers.getSetCookie()[0]?.split(';')[0] ?? ''
  t.truthy(cookie)
  const upstreamOf = async (members: object) => {
    const location = locationOf(await wallet.authorize({ ...members }))
    return location && new URL(location).searchParams.get('redirect_uri')
  }
  t.is(await upstreamOf({ login_hint: 'ada@Second.example' }), `${choosing.url}/test/callback/second`)
  const { issuerState } = await choosing.offer({ issuer: 'staff', identity_provider: 'idp' })
  t.is(await upstreamOf({ issuer_state: issuerState }), `${choosing.url}/test/callback/idp`, 'the offer decides')
})

test('VCI-44: a wallet may hint at the provider, by its id or by a domain; the person and the offer go before', async (t) => {
  const wallet = choosing.wallet('staff')
  const providerFor = async (members: object) => {
    const location = locationOf(await wallet.authorize({ ...members }))
    return location ? new URL(new URL(location).searchParams.get('redirect_uri') ?? '').pathname.split('/').at(-1) : ''
  }
  t.is(await providerFor({ idp_hint: 'second' }), 'second')
  t.is(await providerFor({ domain_hint: 'Second.example' }), 'second')
  t.is(await providerFor({ idp_hint: 'idp', login_hint: 'ada@second.example' }), 'idp')
  for (const idp_hint of ['third', 'nobody', '__proto__'])
    t.is(await providerFor({ idp_hint }), '', 'the person chooses')
  const { issuerState } = await choosing.offer({ issuer: 'staff', identity_provider: 'idp' })
  t.is(await providerFor({ issuer_state: issuerState, idp_hint: 'second' }), 'idp')
})

test('OIDC Core §3.1.2.1: parameters by rule reach the provider, those of the offer and of the wallet’s request', async (t) => {
  const parameters = {
    organization: { from: 'offer.organization' },
    prompt: { from: 'request.prompt' },
    audience: 'acme',
  }
  const ruled = await startTestNode({
    settings: {
      staff: { grants: { authorization_code: { identity_providers: [{ id: 'idp', max_age: 600, parameters }] } } },
    },
  })
  const { issuerState: issuer_state } = await ruled.offer({
    issuer: 'staff',
    claims: { ...person, organization: 'o-7' },
  })
  const wallet = ruled.wallet('staff')
  const asked = async (members: object) =>
    Object.fromEntries(new URL(locationOf(await wallet.authorize({ ...members }))).searchParams)
  const first = await asked({ issuer_state, prompt: 'consent', audience: 'evil', max_age: '5' })
  t.like(first, { organization: 'o-7', prompt: 'consent', audience: 'acme', max_age: '600' })
  const second = await asked({ organization: 'o-8', prompt: 'none' })
  t.is(second.organization, undefined)
  t.is(second.prompt, undefined)
  await ruled.stop()
})

test('VCI-44: a provider that is down ends on a page that can be tried again, and the wallet can be told', async (t) => {
  const down = await startTestNode()
  down.identityProvider.spoil = { answers: { '/.well-known/openid-configuration': { status: 503 } } }
  const wallet = down.wallet('staff')
  const browser = personAt(redirectUri)
  const page = await browser.go(await wallet.authorizeUrl({ request_uri: (await wallet.push()).body.request_uri }))
  t.true(['provider-unavailable', 'provider-set-up'].includes(helpOf(page) ?? ''), helpOf(page))
  t.true(page.status >= 500)
  t.regex(page.text, /Test House account|help desk/)
  t.is(wayBackOf(page).state, wallet.state)
  down.identityProvider.spoil = { answers: { '/.well-known/openid-configuration': { hang: true } } }
  await down.identityProvider.stop()
  const gone = await browser.go(await wallet.authorizeUrl())
  t.is(helpOf(gone), 'provider-unavailable')
  t.like(wayBackOf(gone), { error: 'temporarily_unavailable', state: wallet.state, iss: wallet.issuer })
  t.regex(gone.text, /href="[^"]*\/authorize\?session=ses_/)
  await down.stop().catch(() => {})
})

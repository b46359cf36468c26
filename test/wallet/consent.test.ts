import test from 'ava'
import { recordConsent } from '../../src/issuance/record-consent.ts'
import { purge } from '../../src/store/purge.ts'
import { startTestNode } from '../support/node.ts'
import { elementOf, type Page } from '../support/plain-browser.ts'
import { remember } from '../support/secrets.ts'
import { person } from '../support/tenant.ts'
import { answerIn, helpOf, personAt, wayBackOf } from '../support/way.ts'

const node = await startTestNode()
const trusting = await startTestNode({ settings: { staff: { consent: 'unless_trusted' } } })
test.after.always(async () => {
  await node.stop()
  await trusting.stop()
})
const { redirectUri } = node.wallet('staff')

/** A person who sees the consent page. */
async function deciding(username = 'alice', members: object = {}, issuer = 'staff') {
  const wallet = node.wallet(issuer)
  const { browser, ...person } = personAt(redirectUri)
  const page = await person.consent(await wallet.authorizeUrl({ ...members }), username)
  return { wallet, page, browser, ...person }
}

const fieldOf = ({ text }: Page, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? ''
const formOf = (page: Page, decision: string) =>
  new URLSearchParams({ session: fieldOf(page, 'session'), proof: fieldOf(page, 'proof'), decision })

test('VCI-45: the page says what goes in, from whom and into which wallet, and shows no value', async (t) => {
  const { page } = await deciding()
  for (const shown of [
    'Employee badge',
    'Test Staff Office',
    'Test Wallet',
    'wallet.example',
    'Employee number',
    'a•••',
  ])
    t.true(page.text.includes(shown), shown)
  for (const hidden of ['E-1001', 'alice@acme.example', 'Engineering']) t.false(page.text.includes(hidden), hidden)
  t.false(page.text.includes('has not checked this wallet'))
  const policy = page.headers.get('content-security-policy') ?? ''
  t.regex(policy, /frame-ancestors 'none'/)
  t.false(policy.includes('form-action'), 'the form leads on to a wallet')
  t.is(page.headers.get('referrer-policy'), 'no-referrer')
  t.is(page.headers.get('cache-control'), 'no-store')
})

test('VCI-45: a wallet that nobody has checked is said to be unknown, by the scheme that the answer goes to', async (t) => {
  const wallet = node.wallet('campus', { clientId: 'some-wallet', redirectUri: 'some-wallet://cb' })
  const page = await personAt('some-wallet:').consent(await wallet.authorizeUrl(), 'alice')
  t.true(page.text.includes('has not checked this wallet'))
  t.true(page.text.includes('some-wallet://'))
  const end = await personAt('some-wallet:').go(page.url)
  t.is(helpOf(end), 'another-browser')
})

test('VCI-44, VCI-45: who agrees is sent to the wallet with code, state and iss, by 303', async (t) => {
  const { wallet, page, browser, press } = await deciding()
  const end = await press(page, 'approve')
  const { code = '', ...rest } = answerIn(end.url)
  t.true(end.url.startsWith(`${redirectUri}?`))
  t.deepEqual(rest, { state: wallet.state, iss: wallet.issuer })
  t.regex(code, /^[A-Za-z0-9_-]{43}$/)
  t.is((await wallet.redeem({ code })).status, 200)
  t.truthy(browser)
})

test('VCI-44: who declines is sent to the wallet at once, and cannot agree any more', async (t) => {
  const { wallet, page, press, go } = await deciding()
  const form = formOf(page, 'approve')
  t.deepEqual(answerIn((await press(page, 'deny')).url), {
    error: 'access_denied',
    error_description: 'The person declined.',
    state: wallet.state,
    iss: wallet.issuer,
  })
  t.is(helpOf(await go(`${wallet.issuer}/consent`, { method: 'POST', body: form })), 'page-over')
})

test('VCI-45: "Not you?" asks the provider for the account again, and the first page decides nothing any more', async (t) => {
  const { wallet, page, press, go } = await deciding('bob', { authorization_details: undefined, scope: 'LibraryCard' })
  const signIn = await press(page, 'not-you')
  t.truthy(elementOf(signIn, 'username'))
  const second = await press(signIn, 'sign-in', { username: 'alice', password: 'alice' })
  t.truthy(elementOf(second, 'approve'))
  const stale = await go(`${wallet.issuer}/consent`, { method: 'POST', body: formOf(page, 'approve') })
  t.false(stale.url.startsWith(redirectUri), "bob's page does not agree for alice")
  t.truthy(answerIn((await press(second, 'approve')).url).code)
})

test('RFC 9700 §4.16: a decision counts only from the page, and in the browser that signed in', async (t) => {
  const { wallet, page, go, press } = await deciding()
  const post = (body: URLSearchParams, someone = { go }) =>
    someone.go(`${wallet.issuer}/consent`, { method: 'POST', body })
  const form = formOf(page, 'approve')
  t.is(helpOf(await post(form, personAt(redirectUri))), 'another-browser')
  t.is(helpOf(await personAt(redirectUri).go(page.url)), 'another-browser')
  const other = await deciding()
  for (const proof of ['', 'forged', fieldOf(other.page, 'proof'), `${form.get('proof')}x`]) {
    const forged = new URLSearchParams(form)
    forged.set('proof', proof)
    t.false((await post(forged)).url.startsWith(redirectUri), proof)
  }
  const unclear = new URLSearchParams(form)
  unclear.set('decision', 'maybe')
  t.is((await post(unclear)).status, 400)
  for (const session of ['', 'ses_x', 'ses_01234567-0123-7123-8123-0123456789ab'])
    t.is(helpOf(await go(`${wallet.issuer}/consent?session=${session}`)), 'page-over')
  t.truthy(answerIn((await press(page, 'approve')).url).code, 'and none of this has spent it')
})

test('RFC 6749 §4.1.2: of ten decisions at once one makes a code', async (t) => {
  const cookies: string[] = []
  const noting: typeof fetch = async (...request) => {
    const response = await fetch(...request)
    cookies.push(...response.headers.getSetCookie().filter((cookie) => cookie.startsWith('claimgate-')))
    return response
  }
  const page = await personAt(redirectUri, noting).consent(await node.wallet('staff').authorizeUrl(), 'alice')
  const [, id = '', cookie = ''] = /^claimgate-([^=]+)=([^;]+)/.exec(cookies[0] ?? '') ?? []
  const browser = { cookie: () => remember(cookie, 'cookie'), language: 'en', locales: undefined }
  const decided = { id, decision: 'approve' as const, proof: fieldOf(page, 'proof') }
  const issuer = await node.issuer('staff')
  // Straight to the use case: over HTTP one request would often be done before the next one is read.
  const ends = await Promise.allSettled(
    Array.from({ length: 10 }, () => recordConsent(node.services, issuer, decided, browser)),
  )
  const codes = ends.flatMap((end) => (end.status === 'fulfilled' ? answerIn(end.value).code : []))
  t.is(codes.length, 1)
  remember(codes[0] ?? '', 'code')
  for (const end of ends) if (end.status === 'rejected') t.is(end.reason.help, 'page-over')
})

test.serial('RFC 6749 §4.1.2: a code lives for 60 seconds', async (t) => {
  const first = await deciding()
  const second = await deciding()
  const codeOf = async ({ press, page }: typeof first) => answerIn((await press(page, 'approve')).url).code ?? ''
  const [early, late] = [await codeOf(first), await codeOf(second)]
  node.wait({ seconds: 50 })
  t.is((await first.wallet.redeem({ code: early })).status, 200)
  node.wait({ seconds: 15 })
  t.like(await second.wallet.redeem({ code: late }), { status: 400, body: { error: 'invalid_grant' } })
})

test.serial('VCI-45: the page waits as long as the sign-in, then a new try is offered', async (t) => {
  const { page, press, go } = await deciding()
  node.wait({ minutes: 16 })
  const { database, clock } = node.services
  await purge((question) => database.ask(question))(clock())
  const kept = await database.db('sign_ins').where('expires_at', '<', clock().getTime())
  t.true(kept.length > 0, 'that there was a sign-in is still known')
  for (const { result_sealed, memory_sealed } of kept) t.deepEqual([result_sealed, memory_sealed], [null, null])
  const late = await press(page, 'approve')
  t.is(helpOf(late), 'sign-in-expired')
  t.is(wayBackOf(late).error, 'access_denied')
  const [, href = ''] = /<a class="button[^"]*" href="([^"]*session=[^"]*)"/.exec(late.text) ?? []
  t.truthy(elementOf(await go(href), 'sign-in'), 'and leads to the provider, not round in a circle')
})

test('VCI-45: an issuer may leave the page out for a wallet with a claimed https address, and for no other', async (t) => {
  const wallet = trusting.wallet('staff')
  const { browser: _, ...sure } = personAt(redirectUri)
  const end = await sure.press(await sure.go(await wallet.authorizeUrl()), 'sign-in', {
    username: 'alice',
    password: 'alice',
  })
  t.is((await wallet.redeem({ code: answerIn(end.url).code ?? '' })).status, 200)
  const app = trusting.wallet('staff', { redirectUri: 'test-wallet://callback' })
  t.truthy(elementOf(await personAt('test-wallet:').consent(await app.authorizeUrl(), 'alice'), 'approve'))
})

test('VCI-42: an offer with two places serves two, and the third learns that all are taken', async (t) => {
  const { issuerState: issuer_state } = await node.offer({ issuer: 'staff', max_uses: 2 })
  const three = await Promise.all([1, 2, 3].map(() => deciding('alice', { issuer_state })))
  const ends = await Promise.all(three.map(({ press, page }) => press(page, 'approve')))
  t.is(ends.filter(({ url }) => url.startsWith(redirectUri)).length, 2)
  const full = ends.find(({ status }) => status !== 0)!
  t.is(helpOf(full), 'offer-used-up')
  t.is(wayBackOf(full).error, 'invalid_request')
})

test('VCI-42: a personal offer yields one credential, though two sign-ins were open for it', async (t) => {
  const { issuerState: issuer_state } = await node.offer({
    issuer: 'campus',
    claims: person,
    grants: ['authorization_code'],
  })
  const [first, second, third] = [
    await deciding('alice', { issuer_state }, 'campus'),
    await deciding('alice', { issuer_state }, 'campus'),
    await deciding('alice', { issuer_state }, 'campus'),
  ]
  const codeOf = async ({ press, page }: typeof first) => answerIn((await press(page, 'approve')).url).code ?? ''
  const [one, two] = [await codeOf(first), await codeOf(second)]
  t.is((await first.wallet.redeem({ code: one })).status, 200)
  t.like(await second.wallet.redeem({ code: two }), { status: 400, body: { error: 'invalid_grant' } })
  const late = await third.press(third.page, 'approve')
  t.is(helpOf(late), 'offer-used')
  t.is(late.status, 410)
})

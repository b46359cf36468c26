import test from 'ava'
import { startTestNode } from '../support/node.ts'
import { elementOf } from '../support/plain-browser.ts'
import { person } from '../support/tenant.ts'
import { answerIn, helpOf, personAt, wayBackOf } from '../support/way.ts'

const node = await startTestNode()
/** A node of its own for a provider that misbehaves. */
const spoilt = await startTestNode()
test.after.always(async () => {
  await node.stop()
  await spoilt.stop()
})
const { redirectUri } = node.wallet('staff')
const callbackOf = ({ url }: { url: string }) => `${url}/test/callback/idp`
const both = { authorization_details: undefined, scope: 'EmployeeBadge LibraryCard' }

/** A person whom the provider has just sent back, one step before our callback. */
async function returning(at = node, username = 'alice', members: object = {}, issuer = 'staff') {
  const wallet = at.wallet(issuer)
  const { browser: _, ...browser } = personAt(redirectUri)
  const url = await browser.signIn(await wallet.authorizeUrl({ ...members }), username, callbackOf(at))
  return { wallet, url, ...browser }
}

test('RFC 9700 §4.7: a callback whose state nobody knows ends on a page and leads nowhere', async (t) => {
  const { wallet } = await returning()
  const callback = callbackOf(node)
  for (const query of [
    '',
    '?code=x',
    '?state=&code=x',
    '?state=made-up&code=x',
    '?state=a&state=b',
    '?error=access_denied',
  ]) {
    const answer = await fetch(callback + query, { redirect: 'manual' })
    const text = await answer.text()
    t.is(answer.status, 403, query)
    t.is(answer.headers.get('location'), null)
    t.is(helpOf({ text }), 'provider-answer', query)
    t.false(text.includes(wallet.redirectUri))
  }
  t.is((await fetch(`${node.url}/nobody/callback/idp?state=x`)).status, 404)
})

test('VCI-123, RFC 9700 §4.7: a callback in another browser issues nothing, and the sign-in stays open where it began', async (t) => {
  const { url, go } = await returning()
  const elsewhere = await personAt(redirectUri).go(url)
  t.is(helpOf(elsewhere), 'another-browser')
  t.is(elementOf(elsewhere, 'back-to-wallet'), undefined)
  t.truthy(elementOf(await go(url), 'approve'))
})

test.serial(
  "RFC 9700 §4.4: a callback at another provider's URL is refused before any token request, and spends nothing",
  async (t) => {
    const { url, go } = await returning()
    const before = node.identityProvider.requests.length
    const page = await go(url.replace('/callback/idp', '/callback/other'))
    t.is(page.status, 403)
    t.is(helpOf(page), 'provider-answer')
    t.false(node.identityProvider.requests.slice(before).includes('POST /token'))
    t.truthy(elementOf(await go(url), 'approve'))
  },
)

test('VCI-2: one tenant knows nothing of the sign-ins of another', async (t) => {
  const { url, go } = await returning()
  t.is((await go(url.replace('/test/callback/', '/other/callback/'))).status, 404)
})

test.serial(
  'VCI-44: of ten callbacks at once one asks for the tokens, and the person comes to the consent page',
  async (t) => {
    const { url, go } = await returning()
    const before = node.identityProvider.requests.length
    const pages = await Promise.all(Array.from({ length: 10 }, () => go(url)))
    const asked = node.identityProvider.requests.slice(before).filter((request) => request === 'POST /token')
    t.is(asked.length, 1)
    t.true(pages.filter((page) => elementOf(page, 'approve')).length >= 1)
    t.truthy(elementOf(await go(url), 'approve'), 'a reload shows the same again')
  },
)

test('VCI-44: a callback that comes again after the decision says so', async (t) => {
  const { url, go, press } = await returning()
  t.truthy(answerIn((await press(await go(url), 'approve')).url).code)
  const page = await go(url)
  t.is(helpOf(page), 'page-over')
})

test('VCI-44: who cancels at the provider is sent to the wallet at once', async (t) => {
  const wallet = node.wallet('staff')
  const cancelled = await wallet.signIn({ signIn: 'cancel' })
  t.like(cancelled, { error: 'access_denied', code: '', state: wallet.state, iss: wallet.issuer })
  t.true(cancelled.url.startsWith(`${redirectUri}?`))
})

test('VCI-45: bob, whose account lacks a mandatory claim, learns which and whom to ask, and nothing is issued', async (t) => {
  const { url, go, wallet } = await returning(node, 'bob')
  const page = await go(url)
  t.is(page.status, 403)
  t.is(helpOf(page), 'missing-claim')
  t.regex(page.text, /Ask the Test House help desk to add “Employee number”/)
  t.like(wayBackOf(page), { error: 'access_denied', state: wallet.state, iss: wallet.issuer })
  t.false(page.text.includes('bob@acme.example'))

  const again = await returning(node, 'bob')
  const german = await again.go(again.url, { headers: { 'accept-language': 'de' } })
  t.regex(german.text, /Bitten Sie die Testhaus-Hilfe, „Personalnummer“/)
  t.notRegex(
    german.text,
    /hreflang/,
    'the answer counts once: its address would not show this page in another language',
  )
})

test('VCI-45: what was refused can be read in the session, by the names of claims and without a value', async (t) => {
  const { url, go } = await returning(node, 'bob')
  await go(url)
  const issuer = await node.issuer('staff')
  const refused = await node.services.database
    .db('events')
    .where({ issuer_id: issuer.issuerId, type: 'session.refused' })
    .orderBy('created_at')
  const { facts, help, identity_provider, fault } = JSON.parse(String(refused.at(-1).details))
  t.like(
    { help, identity_provider, fault },
    { help: 'missing-claim', identity_provider: 'idp', fault: 'claim-missing' },
  )
  const lacking = [{ configurationId: 'EmployeeBadge', missing: ['employee_id'], unusable: [] }]
  t.deepEqual(facts, { lacking })
  const session = await node.services.tables.sessions.find(issuer, refused.at(-1).session_id)
  t.is(session?.state, 'failed')
})

test('VCI-45: if only some can be issued the grant is narrowed, and the page says what is left out and why', async (t) => {
  const { wallet, url, go, press } = await returning(node, 'bob', both)
  const page = await go(url)
  t.regex(page.text, /Left out/)
  t.regex(page.text, /Employee badge: your account lacks Employee number/)
  const { code = '' } = answerIn((await press(page, 'approve')).url)
  const token = await wallet.redeem({ code })
  t.is(token.body.scope, 'LibraryCard')
  t.is((await wallet.credential(token, { configurationId: 'LibraryCard' })).status, 200)
  t.not((await wallet.credential(token, { configurationId: 'EmployeeBadge' })).status, 200)
})

test('VCI-36: what the integrator put into a personal offer is in the credential, and gone when it is withdrawn', async (t) => {
  const bySignIn = { issuer: 'campus', grants: ['authorization_code' as const], claims: person }
  const open = await node.offer(bySignIn)
  const { url, go } = await returning(node, 'bob', { issuer_state: open.issuerState }, 'campus')
  t.truthy(elementOf(await go(url), 'approve'), 'bob has no student number, but the offer has')

  const other = await node.offer(bySignIn)
  const late = await returning(node, 'alice', { issuer_state: other.issuerState }, 'campus')
  await node.services.tables.offers.withdraw(await node.issuer('campus'), other.id, node.services.clock())
  const page = await late.go(late.url)
  t.is(helpOf(page), 'offer-withdrawn')
  t.is(wayBackOf(page).error, 'invalid_request')
})

test.serial('VCI-44: a sign-in takes 15 minutes at most; after that a new try is one tap away', async (t) => {
  const { wallet, url, go, press } = await returning()
  node.wait({ minutes: 16 })
  const page = await go(url)
  t.is(helpOf(page), 'sign-in-expired')
  t.is(wayBackOf(page).error, 'access_denied')
  const { href = '' } =
    [...page.text.matchAll(/<a class="button[^"]*" href="(?<href>[^"]*session=[^"]*)"/g)][0]?.groups ?? {}
  const again = await go(href)
  const consent = await press(again, 'sign-in', { username: 'alice', password: 'alice' })
  const { code = '' } = answerIn((await press(consent, 'approve')).url)
  t.is((await wallet.redeem({ code })).status, 200)
})

test.serial('VCI-44: an hour after the request no new try begins', async (t) => {
  const { url, go } = await returning()
  node.wait({ minutes: 61 })
  const page = await go(url)
  const { href = '' } =
    [...page.text.matchAll(/<a class="button[^"]*" href="(?<href>[^"]*session=[^"]*)"/g)][0]?.groups ?? {}
  t.is(helpOf(await go(href)), 'wallet-waited')
})

test.serial(
  'VCI-44: a provider that fails at the token request can be tried again, and is asked for the account anew',
  async (t) => {
    const { wallet, url, go, press } = await returning(spoilt)
    spoilt.identityProvider.spoil = { answers: { '/token': { status: 503, body: '{}' } } }
    const page = await go(url)
    t.is(helpOf(page), 'provider-unavailable')
    t.like(wayBackOf(page), { error: 'temporarily_unavailable', state: wallet.state })
    t.regex(page.text, /Test House account/)
    spoilt.identityProvider.spoil = {}
    const { href = '' } =
      [...page.text.matchAll(/<a class="button[^"]*" href="(?<href>[^"]*session=[^"]*)"/g)][0]?.groups ?? {}
    const upstream = await fetch(href, { redirect: 'manual' })
    t.is(helpOf({ text: await upstream.text() }), 'another-browser')
    const asked = await go(href, {}, spoilt.identityProvider.issuer)
    t.is(new URL(asked.url).searchParams.get('prompt'), 'login')
    const consent = await press(await go(asked.url), 'sign-in', { username: 'alice', password: 'alice' })
    t.truthy(elementOf(consent, 'approve'))
  },
)

test.serial(
  'OIDC Core §3.1.3.7: an ID token that a stranger signed, or for another sign-in, issues nothing',
  async (t) => {
    for (const spoil of [{ stranger: true }, { idToken: (claims: object) => ({ ...claims, nonce: 'another' }) }]) {
      spoilt.identityProvider.spoil = {}
      const { url, go } = await returning(spoilt)
      spoilt.identityProvider.spoil = spoil
      const page = await go(url)
      t.is(helpOf(page), 'provider-answer')
      t.is(wayBackOf(page).error, 'access_denied')
      spoilt.identityProvider.spoil = {}
      t.is(elementOf(await go(url), 'approve'), undefined, 'the same answer does not count a second time')
    }
  },
)

test.serial('RFC 9207 §2.4: an answer in the name of another provider issues nothing', async (t) => {
  spoilt.identityProvider.spoil = { callback: (query) => query.set('iss', 'https://other.example') }
  const { url, go } = await returning(spoilt)
  spoilt.identityProvider.spoil = {}
  t.is(helpOf(await go(url)), 'provider-answer')
})

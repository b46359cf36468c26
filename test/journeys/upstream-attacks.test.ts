import { createHmac, createPublicKey } from 'node:crypto'
import test, { type ExecutionContext } from 'ava'
import { startIdentityProvider } from '../support/identity-provider.ts'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'
import { elementOf, type Page } from '../support/plain-browser.ts'
import { anybody, assertRefused, assertTold, newestSession, traceOf } from '../support/session-trace.ts'
import { applyTestTenant } from '../support/tenant.ts'
import { helpOf } from '../support/way.ts'

// What an attacker may do to the sign-in behind a wallet's request: with the browser, with another provider, with what a provider answers.
// One issuer with two providers of another's making each, on the wire.

type Json = Record<string, unknown>
const both = { staff: { grants: { authorization_code: { identity_providers: ['idp', 'other'] } } } }

const node = await startTestNode()
const idp = node.identityProvider
const callbackOf = (provider: string, tenant = 'test') => `${node.url}/${tenant}/callback/${provider}`
const other = await startIdentityProvider({ redirectUris: [callbackOf('other')] })
const { issuer, client_id, client_secret } = other
const named = { kind: 'oidc', display: [{ name: 'Other account', locale: 'en' }], par: 'off' }
await applyTestTenant(node.services, idp, {
  settings: both,
  providers: { other: { ...named, issuer, client_id, client_secret } },
})
await addOtherTenant(node)
/** What the provider publishes. */
const published = ((await (await fetch(`${idp.issuer}/jwks`)).json()) as { keys: Json[] }).keys
test.after.always(async () => {
  await node.stop()
  await other.stop()
})

const wallet = () => node.wallet('staff')
const { redirectUri } = wallet()
const notOurs = { help: 'provider-answer', error: 'access_denied' }
const wrongSetUp = { help: 'provider-set-up', error: 'server_error' }

const rowsOf = async (table: string): Promise<number> =>
  Number((await node.services.database.db(table).count({ n: '*' }))[0]?.n)
/** What has been issued so far, a code included. */
const issued = async () => [await rowsOf('grants'), await rowsOf('credentials')]
const tokenCalls = () => [idp, other].map(({ requests }) => requests.filter((one) => one === 'POST /token').length)

/** A sign-in up to the provider's answer, which the browser has not followed. */
async function upToAnswer(provider: 'idp' | 'other' = 'idp', username = 'alice', person = anybody(redirectUri)) {
  const at = wallet()
  const chooser = await person.go(await at.authorizeUrl())
  const page = await person.press(chooser, `idp-${provider}`)
  const fields = { username, password: username }
  // Somebody may be signed in at the provider already.
  const isAsked = elementOf(page, 'sign-in') !== undefined
  const end = isAsked ? await person.press(page, 'sign-in', fields, callbackOf(provider)) : page
  return { ...person, wallet: at, session: await newestSession(node), answer: new URL(end.url) }
}
type SignIn = Awaited<ReturnType<typeof upToAnswer>>

/** The answer with other members. */
function changed(answer: URL, members: Record<string, string>, at = answer.origin + answer.pathname): URL {
  const url = new URL(`${at}${answer.search}`)
  for (const [name, value] of Object.entries(members)) url.searchParams.set(name, value)
  return url
}
const stateOf = ({ answer }: SignIn) => ({ state: answer.searchParams.get('state') ?? '' })
const codeOf = ({ answer }: SignIn) => ({ code: answer.searchParams.get('code') ?? '' })

/** Whoever began it gets there all the same. */
async function canStillFinish(t: ExecutionContext, { go, answer }: SignIn): Promise<void> {
  t.truthy(elementOf(await go(answer), 'approve'))
}

test.serial(
  'RFC 6749 §10.12, RFC 9700 §4.7: an answer that an attacker plants in another browser signs nobody in, and is not redeemed',
  async (t) => {
    const [before, calls] = [await issued(), tokenCalls()]
    const attacker = await upToAnswer()
    const victim = anybody(redirectUri)
    const page = await victim.go(attacker.answer)
    const elsewhere = { help: 'another-browser', error: 'invalid_request', fault: 'callback-other-browser' }
    await assertTold(t, node, page, { ...elsewhere, language: victim.language })
    t.is(elementOf(page, 'back-to-wallet'), undefined, 'a stranger learns of no wallet')
    t.deepEqual([await issued(), tokenCalls()], [before, calls])
    await canStillFinish(t, attacker)
  },
)

test.serial(
  'RFC 6749 §10.12: the state of another person’s sign-in opens nothing in this browser, and that of none ends on a page',
  async (t) => {
    const [before, calls] = [await issued(), tokenCalls()]
    const [mine, theirs] = [await upToAnswer('idp', 'bob'), await upToAnswer('idp', 'alice')]
    const page = await mine.go(changed(mine.answer, stateOf(theirs)))
    const elsewhere = { help: 'another-browser', error: 'invalid_request', fault: 'callback-other-browser' }
    const trace = await assertTold(t, node, page, { ...elsewhere, language: mine.language })
    t.is(trace.id, theirs.session)

    const twice = changed(mine.answer, {})
    twice.searchParams.append('state', stateOf(theirs).state)
    const none = changed(mine.answer, {})
    none.searchParams.delete('state')
    for (const url of [changed(mine.answer, { state: 'made-up' }), twice, none]) {
      const refused = await mine.go(url)
      t.is(helpOf(refused), 'provider-answer')
      t.is(refused.status, 403)
      t.is(elementOf(refused, 'back-to-wallet'), undefined)
    }
    t.deepEqual([await issued(), tokenCalls()], [before, calls])
    await canStillFinish(t, theirs)
  },
)

test.serial(
  'RFC 9700 §4.5: a code of another person’s sign-in, injected into one’s own, is of another verifier',
  async (t) => {
    const before = await issued()
    const [mine, theirs] = [await upToAnswer('idp', 'bob'), await upToAnswer('idp', 'alice')]
    const page = await mine.go(changed(mine.answer, codeOf(theirs)))
    const { language } = mine
    await assertTold(t, node, page, { ...notOurs, fault: 'idp-code-refused', language, wallet: mine.wallet })
    t.deepEqual(await issued(), before)
  },
)

test.serial(
  'RFC 9700 §4.5.3.2, OIDC Core §3.1.3.7: nor does a provider that forgets to check the verifier help, for the nonce is of another sign-in',
  async (t) => {
    const before = await issued()
    let tokens: Json = {}
    idp.spoil = { json: { '/token': (body) => (tokens = body) } }
    const theirs = await upToAnswer('idp', 'alice')
    await theirs.go(theirs.answer)
    const mine = await upToAnswer('idp', 'bob')
    idp.spoil = { json: { '/token': () => tokens } }
    const page = await mine.go(mine.answer)
    idp.spoil = {}
    const { language } = mine
    await assertTold(t, node, page, { ...notOurs, fault: 'id-token-nonce', language, wallet: mine.wallet })
    t.deepEqual(await issued(), before)
  },
)

test.serial(
  'RFC 6749 §10.12: two sign-ins open in one browser do not mix, whichever state goes with whichever code',
  async (t) => {
    const before = await issued()
    const person = anybody(redirectUri)
    const first = await upToAnswer('idp', 'alice', person)
    const second = await upToAnswer('idp', 'alice', person)
    const page = await second.go(changed(first.answer, stateOf(second)))
    const { language } = second
    await assertTold(t, node, page, { ...notOurs, fault: 'idp-code-refused', language, wallet: second.wallet })
    t.deepEqual(await issued(), before)
  },
)

test.serial(
  'RFC 6749 §4.1.2, §10.5: an answer that comes again changes nothing: consent is still asked for once, and a decision stays',
  async (t) => {
    const signIn = await upToAnswer()
    const calls = tokenCalls()
    const consent = await signIn.go(signIn.answer)
    const again = await signIn.go(signIn.answer)
    t.truthy(elementOf(again, 'approve'))
    const stolen = await anybody(redirectUri).go(signIn.answer)
    t.is(helpOf(stolen), 'another-browser')
    t.is(tokenCalls()[0], (calls[0] ?? 0) + 1, 'redeemed once')

    const back = await signIn.press(consent, 'approve')
    t.true(back.url.startsWith(redirectUri))
    const before = await issued()
    const over = { help: 'page-over', error: 'invalid_request', fault: 'callback-replayed' }
    const page = await signIn.go(signIn.answer)
    const { language, wallet: own } = signIn
    await assertTold(t, node, page, { ...over, language })
    t.like(await traceOf(node, signIn.session), { state: 'granted' })
    t.is(helpOf(await anybody(redirectUri).go(signIn.answer)), 'page-over')
    t.deepEqual(await issued(), before)
    t.is(tokenCalls()[0], (calls[0] ?? 0) + 1)
    t.is((await own.redeem({ code: new URL(back.url).searchParams.get('code') ?? '' })).status, 200)
  },
)

test.serial(
  'RFC 9700 §4.4.2.2: the answer of one provider at the callback of another is refused before any token request',
  async (t) => {
    for (const [from, to] of [
      ['idp', 'other'],
      ['other', 'idp'],
    ] as const) {
      const [before, calls] = [await issued(), tokenCalls()]
      const signIn = await upToAnswer(from)
      const page = await signIn.go(changed(signIn.answer, {}, callbackOf(to)))
      const { language } = signIn
      const mixedUp = { ...notOurs, fault: 'callback-wrong-provider', language, wallet: signIn.wallet }
      await assertTold(t, node, page, { ...mixedUp, facts: { sent_to: from, came_from: to } })
      t.deepEqual([await issued(), tokenCalls()], [before, calls])
    }
  },
)

test.serial(
  'RFC 9207 §2.4, RFC 9700 §4.4.2.1: an answer that names another issuer is refused before any token request, with both issuers in the trace',
  async (t) => {
    const [before, calls] = [await issued(), tokenCalls()]
    const signIn = await upToAnswer()
    const page = await signIn.go(changed(signIn.answer, { iss: other.issuer }))
    const { language } = signIn
    const mixedUp = { ...notOurs, fault: 'callback-wrong-provider', language, wallet: signIn.wallet }
    await assertTold(t, node, page, { ...mixedUp, facts: { expected: idp.issuer, got: other.issuer } })
    t.deepEqual([await issued(), tokenCalls()], [before, calls])
  },
)

test.serial(
  'RFC 9700 §4.4.1: a malicious provider that sends the person on to the honest one gets neither that one’s code nor a credential',
  async (t) => {
    const [before, calls] = [await issued(), tokenCalls()]
    const person = anybody(redirectUri)
    const at = wallet()
    const chooser = await person.go(await at.authorizeUrl())
    // Chosen is `other`; it hands the request on, as if it came from here, with the client and the redirect URI that we have at `idp`.
    const asked = await person.press(chooser, 'idp-other', {}, other.issuer)
    const handedOn = new URL(asked.url)
    const honest = new URL(`${idp.issuer}/auth${handedOn.search}`)
    honest.searchParams.set('client_id', idp.client_id)
    honest.searchParams.set('redirect_uri', callbackOf('idp'))
    const answer = await person.signIn(honest, 'alice', callbackOf('idp'))
    const page = await person.go(answer)
    const mixedUp = { ...notOurs, fault: 'callback-wrong-provider', language: person.language, wallet: at }
    await assertTold(t, node, page, mixedUp)
    t.deepEqual([await issued(), tokenCalls()], [before, calls])
  },
)

test.serial(
  'RFC 9700 §4.4, §4.5: a code of the malicious provider under an honest state is worth nothing at the honest one',
  async (t) => {
    const before = await issued()
    const [theirs, signIn] = [await upToAnswer('other', 'bob'), await upToAnswer()]
    const page = await signIn.go(changed(signIn.answer, codeOf(theirs)))
    const { language } = signIn
    await assertTold(t, node, page, { ...notOurs, fault: 'idp-code-refused', language, wallet: signIn.wallet })
    t.deepEqual(await issued(), before)
  },
)

test.serial(
  'RFC 9700 §4.1: the redirect URI of another tenant, or of a provider that there is not, is none of this sign-in’s',
  async (t) => {
    const [before, calls] = [await issued(), tokenCalls()]
    const signIn = await upToAnswer()
    const elsewhere = await signIn.go(changed(signIn.answer, {}, callbackOf('idp', 'other')))
    t.is(helpOf(elsewhere), 'provider-answer')
    t.is(elementOf(elsewhere, 'back-to-wallet'), undefined)
    t.is(helpOf(await signIn.go(changed(signIn.answer, {}, callbackOf('idp', 'nowhere')))), 'tenant-unknown')
    t.deepEqual([await issued(), tokenCalls()], [before, calls])
    const page = await signIn.go(changed(signIn.answer, {}, callbackOf('nobody')))
    assertRefused(t, await traceOf(node, signIn.session), { ...notOurs, fault: 'callback-wrong-provider' })
    t.is(helpOf(page), 'provider-answer')
    t.deepEqual([await issued(), tokenCalls()], [before, calls])
  },
)

const partOf = (value: Json) => Buffer.from(JSON.stringify(value)).toString('base64url')
const claimsIn = (token: unknown): Json =>
  JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString()) as Json
/** A token signed with what is no secret: HMAC over the provider's published key. */
function keyedByPublicKey(token: unknown, jwk: Json): string {
  const input = `${partOf({ alg: 'HS256', kid: jwk.kid as string })}.${partOf(claimsIn(token))}`
  const pem = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`
}
const stranger = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'double' }

type Forgery = { fault: string; told: typeof notOurs; spoil: typeof idp.spoil; facts?: Json }
const forgeries: Record<string, Forgery> = {
  'RFC 8725 §3.2: an ID token that nobody signed': {
    ...{ fault: 'id-token-alg', told: wrongSetUp, facts: { algorithm: 'none' } },
    spoil: { header: { alg: 'none' } },
  },
  'RFC 8725 §3.1: an ID token signed with the client secret': {
    ...{ fault: 'id-token-alg', told: wrongSetUp, facts: { algorithm: 'HS256' } },
    spoil: { header: { alg: 'HS256' } },
  },
  'RFC 8725 §2.1: an ID token keyed by the provider’s public key': {
    ...{ fault: 'id-token-alg', told: wrongSetUp, facts: { algorithm: 'HS256' } },
    spoil: {
      json: { '/token': (body) => ({ ...body, id_token: keyedByPublicKey(body.id_token, published.at(-1) ?? {}) }) },
    },
  },
  'RFC 7515 §10.2: an ID token signed by a stranger under the id of the provider’s key': {
    ...{ fault: 'id-token-signature', told: notOurs },
    spoil: { stranger: true },
  },
  'RFC 7515 §4.1.3, RFC 8725 §3.10: an ID token that brings its own key along': {
    ...{ fault: 'id-token-signature', told: notOurs },
    spoil: { stranger: true, header: { jwk: stranger, jku: 'http://127.0.0.1:1/jwks', x5u: 'http://127.0.0.1:1/' } },
  },
  'RFC 8725 §3.10: an ID token whose kid is a path and a query': {
    fault: 'id-token-key-missing',
    told: { help: 'provider-unavailable', error: 'temporarily_unavailable' },
    spoil: { stranger: true, header: { kid: "../../../dev/null' OR 1=1 --" } },
  },
  'OIDC Core §3.1.3.7 (3): an ID token for another client': {
    ...{ fault: 'id-token-aud', told: notOurs, facts: { expected: 'claimgate', got: ['another'] } },
    spoil: { idToken: (claims) => ({ ...claims, aud: 'another' }) },
  },
  'OIDC Core §3.1.3.7 (5): an ID token that another client asked for': {
    ...{ fault: 'id-token-aud', told: notOurs },
    spoil: { idToken: (claims) => ({ ...claims, azp: 'another' }) },
  },
  'OIDC Core §3.1.3.6: an ID token with the access token of another sign-in': {
    ...{ fault: 'id-token-at-hash', told: notOurs },
    spoil: {
      idToken: (claims) => ({ ...claims, at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    },
  },
}
for (const [what, { fault, told, spoil, facts }] of Object.entries(forgeries)) {
  test.serial(`${what} signs nobody in`, async (t) => {
    const before = await issued()
    const signIn = await upToAnswer()
    idp.spoil = spoil
    const page: Page = await signIn.go(signIn.answer)
    idp.spoil = {}
    const { language } = signIn
    await assertTold(t, node, page, { ...told, fault, language, wallet: signIn.wallet, ...(facts && { facts }) })
    t.deepEqual(await issued(), before)
  })
}

test.serial(
  'OIDC Core §3.1.3.7 (2): an honest ID token of another provider signs nobody in, and the trace names both issuers',
  async (t) => {
    const before = await issued()
    let tokens: Json = {}
    other.spoil = { json: { '/token': (body) => (tokens = body) } }
    const theirs = await upToAnswer('other')
    await theirs.go(theirs.answer)
    other.spoil = {}
    const signIn = await upToAnswer()
    idp.spoil = { json: { '/token': () => tokens } }
    const page = await signIn.go(signIn.answer)
    idp.spoil = {}
    const { language } = signIn
    const told = { ...notOurs, fault: 'id-token-iss', language, wallet: signIn.wallet }
    await assertTold(t, node, page, { ...told, facts: { expected: idp.issuer, got: [other.issuer] } })
    t.deepEqual(await issued(), before)
  },
)

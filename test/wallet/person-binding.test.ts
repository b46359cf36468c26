import test from 'ava'
import { startTestNode } from '../support/node.ts'
import { elementOf, plainBrowser } from '../support/plain-browser.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { remember } from '../support/secrets.ts'
import type { OfferOptions } from '../support/tenant.ts'
import { person } from '../support/tenant.ts'
import { answerIn, helpOf, personAt, wayBackOf } from '../support/way.ts'

const node = await startTestNode()
test.after.always(() => node.stop())
const { redirectUri } = node.wallet('campus')
const idp = { identity_provider: 'idp' }

/** An offer with data of the integrator's, for one person, by a sign-in. */
const offerFor = (subject: OfferOptions['subject'], more: OfferOptions = {}) =>
  node.offer({ issuer: 'campus', grants: ['authorization_code'], claims: person, subject, ...more })
const offerOfAlice = () => offerFor({ ...idp, sub: 'alice' })

/** What a wallet asks with that took up an offer. */
const membersOf = ({ issuerState }: { issuerState: string }) => ({ issuer_state: issuerState })

/** The page on which a person's sign-in with an offer ends. */
async function arrives(offer: { issuerState: string }, username: string, language = 'en') {
  const wallet = node.wallet('campus')
  const { go, press } = personAt(redirectUri)
  const headers = { 'accept-language': language }
  const start = await go(await wallet.authorizeUrl(membersOf(offer)), { headers })
  if (!elementOf(start, 'sign-in')) return { wallet, go, press, page: start }
  const callback = await press(start, 'sign-in', { username, password: username }, `${node.url}/test/callback/idp`)
  return { wallet, go, press, page: await go(callback.url, { headers }) }
}

/** What a person's wallet gets with an offer: the claims of the credential. */
async function claims(offer: { issuerState: string }, username: string) {
  const wallet = node.wallet('campus')
  const signedIn = await wallet.signIn({ username, members: membersOf(offer) })
  const token = await wallet.redeem(signedIn)
  const { body } = await wallet.credential(token)
  const root = await rootOf(wallet.issuer)
  return (await readSdJwt(body.credentials?.[0]?.credential ?? '', { root, issuer: wallet.issuer })).claims
}

const rowOf = async (id: string) => {
  const { handle_sealed, opened_at, ...row } = await node.services.database.db('offers').where({ id }).first()
  return row as Record<string, unknown>
}
const refusalsOf = async (offerId: string) => {
  const rows = await node.services.database.db('events').where({ offer_id: offerId, type: 'session.refused' })
  return rows.map(({ details, session_id }) => ({ ...JSON.parse(details), session: session_id as string }))
}

test('VCI-42: only the person whom an offer names gets what the integrator put into it; a stranger reads so, and nothing is spent', async (t) => {
  const offer = await offerOfAlice()
  const before = await rowOf(offer.id)
  const { page, wallet } = await arrives(offer, 'bob')
  t.is(page.status, 403)
  t.is(helpOf(page), 'wrong-person')
  t.regex(page.text, /This offer is for another account/)
  t.regex(page.text, /Use another account/)
  t.like(wayBackOf(page), { error: 'access_denied', state: wallet.state, iss: wallet.issuer })
  for (const secret of [...Object.values(person), 'Alice', 'alice', 'Bob', 'bob@acme.example'])
    t.false(page.text.includes(secret), secret)
  t.deepEqual(await rowOf(offer.id), before)
  const [refused] = await refusalsOf(offer.id)
  t.like(refused, { error: 'access_denied', help: 'wrong-person', fault: 'person-mismatch', identity_provider: 'idp' })

  t.like(await claims(offer, 'alice'), { given_name: person.given_name, student_number: person.document_number })
  t.is(helpOf((await arrives(offer, 'alice')).page), 'offer-used')
  t.is(helpOf((await arrives(offer, 'bob')).page), 'offer-used')
})

test('VCI-42: the same page in German', async (t) => {
  const { page } = await arrives(await offerOfAlice(), 'bob', 'de')
  t.regex(page.text, /Dieses Angebot gehört zu einem anderen Konto/)
  t.regex(page.text, /Anderes Konto verwenden/)
})

test('VCI-42: “Use another account” leads to a new sign-in in the same browser, and with the right account to the credential', async (t) => {
  const offer = await offerOfAlice()
  const { page, go, press } = await arrives(offer, 'bob')
  const [, again] = /<a class="button" href="([^"]+)"/.exec(page.text) ?? []
  const signIn = await go(String(again).replaceAll('&amp;', '&'))
  const consent = await press(signIn, 'sign-in', { username: 'alice', password: 'alice' })
  t.truthy(answerIn((await press(consent, 'approve')).url).code)
})

test('VCI-42: the wallet of a stranger hears access_denied only when the stranger goes back to it', async (t) => {
  const { page, press, wallet } = await arrives(await offerOfAlice(), 'bob')
  const { url } = await press(page, 'back-to-wallet')
  t.true(url.startsWith(`${redirectUri}?`))
  t.like(answerIn(url), { error: 'access_denied', state: wallet.state, iss: wallet.issuer })
})

test('VCI-42: a hundred strangers at once burn nothing, and do not move the page of the offer; its person can still claim it', async (t) => {
  const offer = await offerOfAlice()
  const before = await rowOf(offer.id)
  const ready = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const { go, signIn } = personAt(redirectUri)
      const url = await node.wallet('campus').authorizeUrl(membersOf(offer))
      return { go, callback: await signIn(url, 'bob', `${node.url}/test/callback/idp`) }
    }),
  )
  const pages = await Promise.all(ready.map(({ go, callback }) => go(callback)))
  t.deepEqual([...new Set(pages.map(helpOf))], ['wrong-person'])
  t.deepEqual(await rowOf(offer.id), before)
  t.is((await refusalsOf(offer.id)).length, 100)
  await fetch(`${node.identifierOf('campus')}/offers/${offer.page.split('/').at(-1)}`)
  const page = await plainBrowser().go(offer.page)
  t.truthy(elementOf(page, 'open-wallet'), 'the page still shows link and code')
  t.like(await claims(offer, 'alice'), { given_name: person.given_name })
})

test("VCI-123: Alice's offer, planted in Mallory's wallet, gives Mallory nothing", async (t) => {
  const offer = await offerOfAlice()
  const { page } = await arrives(offer, 'bob')
  t.is(helpOf(page), 'wrong-person')
  t.is(elementOf(page, 'approve'), undefined)
})

test("VCI-123: Mallory's offer, planted in Alice's wallet, puts nothing of Mallory's into it", async (t) => {
  const offer = await offerFor({ ...idp, sub: 'bob' })
  const { page } = await arrives(offer, 'alice')
  t.is(helpOf(page), 'wrong-person')
  t.is(elementOf(page, 'approve'), undefined)
  t.is((await refusalsOf(offer.id)).length, 1)
})

test('VCI-123: an account of the same name at another issuer is another person', async (t) => {
  const { issuer } = node.identityProvider
  t.like(await claims(await offerFor({ issuer, sub: 'alice' }), 'alice'), { given_name: person.given_name })
  const db = node.services.database.db
  const offer = await offerFor({ issuer, sub: 'alice' })
  const sealer = await node.services.vault.of((await node.issuer('campus')).tenantId)
  const elsewhere = sealer.index(JSON.stringify(['https://elsewhere.example', 'alice']))
  await db('offers').where({ id: offer.id }).update({ subject_index: elsewhere })
  t.is(helpOf((await arrives(offer, 'alice')).page), 'wrong-person')
})

test('an offer by e-mail address finds its person whatever the case of letters, and tells the provider the address', async (t) => {
  const email = remember('ALICE@Acme.example', 'claim')
  const offer = await offerFor({ ...idp, email })
  const wallet = node.wallet('campus')
  const answer = await wallet.authorize(membersOf(offer))
  t.is(new URL(String(answer.headers.get('location'))).searchParams.get('login_hint'), email)
  t.is(helpOf((await arrives(offer, 'bob')).page), 'wrong-person')
  t.like(await claims(offer, 'alice'), { given_name: person.given_name })
})

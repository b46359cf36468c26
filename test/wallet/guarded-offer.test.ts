import test from 'ava'
import { preAuthorizedCodeGrant } from '../../src/protocol/token.ts'
import { commandLine } from '../support/command-line.ts'
import { startTestNode } from '../support/node.ts'
import { elementOf, type Page } from '../support/plain-browser.ts'
import { remember } from '../support/secrets.ts'
import { type OfferOptions, person } from '../support/tenant.ts'
import { helpOf, personAt } from '../support/way.ts'

// A pre-authorized code with a named person: the page of the offer asks for the sign-in.

const node = await startTestNode()
test.after.always(() => node.stop())
const callback = `${node.url}/test/callback/idp`
const subject = { identity_provider: 'idp', sub: 'alice' }

const guarded = (more: OfferOptions = {}) =>
  node.offer({ issuer: 'campus', grants: ['pre_authorized_code'], claims: person, subject, tx_code: true, ...more })

/** What opens an offer, from its row. */
async function secretsOf(id: string) {
  const { tenantId } = await node.issuer('campus')
  const sealer = await node.services.vault.of(tenantId)
  const row = await node.services.database.db('offers').where({ id }).first()
  const open = (column: string) =>
    sealer.open({ table: 'offers', column, row: id }, Buffer.from(row[column])).toString()
  const opened = { code: open('code_sealed'), reference: open('reference_sealed'), pin: open('tx_code_sealed') }
  for (const secret of Object.values(opened)) remember(secret, 'offer')
  return opened
}

/** A browser at the page of an offer, and what it shows after a sign-in there. */
function visitor() {
  const { go, press } = personAt(callback)
  const fields = (username: string) => ({ username, password: username })
  return {
    go: (url: string, init?: RequestInit) => go(url, init, 'none:'),
    press: (page: Page, id: string, values?: Record<string, string>) => press(page, id, values, 'none:'),
    /** To the provider and back; answers the callback, not yet followed. */
    async answer(page: string, username: string) {
      const signIn = await press(await go(page), 'sign-in-to-offer')
      return (await press(signIn, 'sign-in', fields(username))).url
    },
    async signIn(page: string, username: string) {
      return go(await this.answer(page, username), {}, 'none:')
    },
  }
}

const linkOn = (page: Page) => elementOf(page, 'open-wallet')?.href ?? ''
const pinOn = ({ text }: Page) => /id="pin">([^<]*)</.exec(text)?.[1]

async function claim(page: Page) {
  const [, at = ''] = /credential_offer_uri=(.*)/.exec(linkOn(page)) ?? []
  const offer = (await (await fetch(decodeURIComponent(at))).json()) as {
    grants: Record<string, Record<string, string>>
  }
  const wallet = node.wallet('campus')
  const grant = offer.grants[preAuthorizedCodeGrant]
  return wallet.credential(await wallet.redeem(remember(grant?.['pre-authorized_code'] ?? '', 'offer'), pinOn(page)))
}

test('before its person has signed in, the page of an offer holds nothing that opens it, nor does its address', async (t) => {
  const { id, page: address, link, code, txCode } = await guarded()
  t.deepEqual({ link, code, txCode }, { link: '', code: '', txCode: undefined }, 'nor does the answer to who made it')
  const secrets = await secretsOf(id)
  const handle = address.split('/').at(-1)
  const { go } = visitor()
  const page = await go(address)
  t.is(page.status, 200)
  t.truthy(elementOf(page, 'sign-in-to-offer'))
  t.regex(page.text, /Sign in to see your offer/)
  t.is(page.headers.get('cache-control'), 'no-store')
  const byReference = await fetch(`${node.identifierOf('campus')}/offers/${handle}`)
  t.is(byReference.status, 404)
  const events = await fetch(`${address}/events`)
  const reader = events.body!.getReader()
  const told = Buffer.from((await reader.read()).value!).toString()
  await reader.cancel()
  for (const text of [page.text, JSON.stringify([...page.headers]), await byReference.text(), told])
    for (const [name, secret] of Object.entries(secrets)) t.false(text.includes(secret), name)
  t.true((await node.services.tables.offers.find(await node.issuer('campus'), id))?.openedAt === undefined)
})

test('VCI-32: its person signs in, sees link, code and PIN, and a wallet that knows no sign-in gets the credential', async (t) => {
  const { id, page: address } = await guarded()
  const { pin } = await secretsOf(id)
  const alice = visitor()
  const page = await alice.signIn(address, 'alice')
  t.is(page.url, address)
  t.truthy(elementOf(page, 'qr'))
  t.is(pinOn(page), pin)
  t.is((await claim(page)).status, 200)
  const row = await node.services.database.db('offers').where({ id }).first()
  for (const column of ['code_sealed', 'reference_sealed', 'tx_code_sealed', 'handle_sealed']) t.is(row[column], null)
  const done = await visitor().go(address)
  t.regex(done.text, /Student card is in your wallet/)
  t.is(pinOn(done), undefined)
})

test('the PIN stays on the page while the wallet asks for it, and the offer can be in the link itself', async (t) => {
  const { id, page: address } = await guarded({ delivery: { by: 'value' } })
  const { code, pin } = await secretsOf(id)
  const alice = visitor()
  const page = await alice.signIn(address, 'alice')
  t.true(decodeURIComponent(linkOn(page)).includes(code))
  await node.services.tables.offers.open(await node.issuer('campus'), id, new Date())
  const opened = await alice.go(address)
  t.regex(opened.text, /Go on in your wallet/)
  t.is(pinOn(opened), pin)
})

test('a stranger reads that the offer is for another account, in English and German, and nothing of it', async (t) => {
  const { id, page: address } = await guarded()
  const secrets = await secretsOf(id)
  for (const [language, title] of [
    ['en', /This offer is for another account/],
    ['de', /Dieses Angebot gehört zu einem anderen Konto/],
  ] as const) {
    const bob = visitor()
    const page = await bob.go(await bob.answer(address, 'bob'), { headers: { 'accept-language': language } })
    t.is(page.status, 403)
    t.is(helpOf(page), 'wrong-person')
    t.regex(page.text, title)
    t.is(elementOf(page, 'back-to-wallet'), undefined, 'no wallet is behind it')
    for (const secret of [...Object.values(secrets), 'alice', 'Alice', 'bob@acme.example', ...Object.values(person)])
      t.false(page.text.includes(secret), secret)
    t.truthy(elementOf(await bob.go(address), 'sign-in-to-offer'), 'the page still asks')
  }
  const events = await node.services.database.db('events').where({ offer_id: id, type: 'offer.refused' })
  t.is(events.length, 2)
  t.like(JSON.parse(events[0].details), { fault: 'person-mismatch', error: 'access_denied', identity_provider: 'idp' })
  const { text } = await commandLine(node.url, ['session', 'show', 'test/campus', events[0].reference])
  t.regex(text, new RegExp(`^off_${id}, at its page\\n.*offer\\.refused .*fault=person-mismatch`))
})

test('a stranger reads the same where the database takes no note of it', async (t) => {
  const { id, page: address } = await guarded()
  const { db } = node.services.database
  await db.raw(
    `create trigger no_note before insert on events when new.offer_id = '${id}' begin select raise(abort, 'full'); end`,
  )
  const page = await visitor().signIn(address, 'bob')
  await db.raw('drop trigger no_note')
  t.is(helpOf(page), 'wrong-person')
  t.true(page.text.includes(`href="${address}"`), 'the way back to the page')
})

test('with another account the same browser goes on: the provider asks again who is there', async (t) => {
  const { page: address } = await guarded()
  const bob = visitor()
  const refused = await bob.signIn(address, 'bob')
  t.true(refused.text.includes(`href="${address}"`), 'the way back to the page')
  const signIn = await bob.press(await bob.go(address), 'sign-in-to-offer')
  t.truthy(elementOf(signIn, 'username'), 'and not bob again without a word')
  const page = await bob.press(signIn, 'sign-in', { username: 'alice', password: 'alice' })
  t.truthy(elementOf(page, 'open-wallet'))
})

test('what one browser was shown no other is, nor the page of another offer', async (t) => {
  const [one, other] = [await guarded(), await guarded()]
  const alice = visitor()
  t.truthy(elementOf(await alice.signIn(one.page, 'alice'), 'open-wallet'))
  t.truthy(elementOf(await alice.go(one.page), 'open-wallet'), 'a reload shows it again')
  t.truthy(elementOf(await alice.go(other.page), 'sign-in-to-offer'))
  t.truthy(elementOf(await visitor().go(one.page), 'sign-in-to-offer'))
})

test('RFC 9700 §4.7: an answer of the provider that another browser brings opens the page to neither', async (t) => {
  const { page: address } = await guarded()
  const [alice, mallory] = [visitor(), visitor()]
  const answer = await alice.answer(address, 'alice')
  t.is(helpOf(await mallory.go(answer)), 'another-browser')
  t.truthy(elementOf(await mallory.go(address), 'sign-in-to-offer'))
  t.truthy(elementOf(await alice.go(answer), 'open-wallet'), 'and it is still good where the sign-in began')
  t.truthy(elementOf(await alice.go(answer), 'open-wallet'), 'a reload leads there again')
})

test('who cancels at the provider comes back to the page', async (t) => {
  const { page: address } = await guarded()
  const { go, press } = visitor()
  const page = await press(await press(await go(address), 'sign-in-to-offer'), 'cancel')
  t.is(page.url, address)
  t.truthy(elementOf(page, 'sign-in-to-offer'))
})

test('a hundred strangers at once open nothing and burn nothing; its person is shown the offer all the same', async (t) => {
  const { id, page: address } = await guarded()
  const answers = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const bob = visitor()
      return { bob, answer: await bob.answer(address, 'bob') }
    }),
  )
  const pages = await Promise.all(answers.map(({ bob, answer }) => bob.go(answer)))
  t.deepEqual([...new Set(pages.map(helpOf))], ['wrong-person'])
  const row = await node.services.database.db('offers').where({ id }).first()
  t.like(row, { opened_at: null, redeemed_at: null, tx_code_tries: 0 })
  t.is((await claim(await visitor().signIn(address, 'alice'))).status, 200)
})

test('an offer that is over says so, and asks nobody to sign in', async (t) => {
  const { id, page: address } = await guarded()
  const waiting = await visitor().go(address)
  await node.services.tables.offers.withdraw(await node.issuer('campus'), id, new Date())
  const alice = visitor()
  t.is(helpOf(await alice.go(address)), 'offer-withdrawn')
  t.is(helpOf(await alice.press(waiting, 'sign-in-to-offer')), 'offer-withdrawn')
})

test.serial(
  'what a sign-in shows it shows for fifteen minutes; the offer itself waits for days without a PIN',
  async (t) => {
    const { page: address } = await guarded({ tx_code: undefined, expires_in: 'P7D' })
    const alice = visitor()
    t.truthy(elementOf(await alice.signIn(address, 'alice'), 'open-wallet'))
    const late = visitor()
    const answer = await late.answer(address, 'alice')
    node.wait({ minutes: 16 })
    t.truthy(elementOf(await alice.go(address), 'sign-in-to-offer'))
    t.is(helpOf(await late.go(answer)), 'sign-in-expired')
    t.truthy(elementOf(await alice.signIn(address, 'alice'), 'open-wallet'))
  },
)

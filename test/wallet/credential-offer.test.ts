import test from 'ava'
import type { TestAnswer } from '../support/answers.ts'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'
import { portal } from '../support/portal.ts'
import { isRefused } from '../support/refusals.ts'
import { person } from '../support/tenant.ts'

const node = await startTestNode()
test.after.always(() => node.stop())

const preAuthorizedCode = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
type Offer = {
  credential_issuer: string
  credential_configuration_ids: string[]
  grants: Record<string, Record<string, unknown>>
}

const referenceIn = (link: string) => new URL(link).searchParams.get('credential_offer_uri') ?? ''
const get = async (address: string): Promise<TestAnswer> => {
  const { status, headers, ...answer } = await fetch(address).then(async (response) => ({
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  }))
  return { status, headers, text: answer.text, body: answer.text === '' ? {} : JSON.parse(answer.text) }
}
const offerAt = async (address: string) => (await get(address)).body as unknown as Offer

test('VCI-29: a link carries the offer or its address, never both', async (t) => {
  const byReference = new URL((await node.offer()).link)
  t.is(byReference.protocol, 'openid-credential-offer:')
  t.deepEqual([...byReference.searchParams.keys()], ['credential_offer_uri'])
  t.true(referenceIn(byReference.href).startsWith(`${node.identifierOf('campus')}/offers/`))

  const byValue = new URL((await node.offer({ delivery: { by: 'value' } })).link)
  t.deepEqual([...byValue.searchParams.keys()], ['credential_offer'])
  t.is(JSON.parse(byValue.searchParams.get('credential_offer')!).credential_issuer, node.identifierOf('campus'))
})

test('VCI-29: a link to an https address of a wallet keeps what the address has', async (t) => {
  const offer = await node.offer({ delivery: { by: 'reference', scheme: 'https://wallet.example/open?lang=de' } })
  const { origin, searchParams } = new URL(offer.link)
  t.is(origin, 'https://wallet.example')
  t.deepEqual([...searchParams.keys()], ['lang', 'credential_offer_uri'])
})

test('VCI-30, VCI-31, VCI-32, VCI-33, VCI-37: an offer of both flows has what either needs, and nothing else', async (t) => {
  const made = await node.offer({
    grants: ['authorization_code', 'pre_authorized_code'],
    configuration: ['TransitPass', 'StudentCard'],
  })
  t.deepEqual(await offerAt(referenceIn(made.link)), {
    credential_issuer: node.identifierOf('campus'),
    credential_configuration_ids: ['TransitPass', 'StudentCard'],
    grants: {
      authorization_code: { issuer_state: made.issuerState },
      [preAuthorizedCode]: { 'pre-authorized_code': made.code },
    },
  })
  t.regex(made.code, /^[A-Za-z0-9_-]{43}$/)
  t.regex(made.issuerState, /^[A-Za-z0-9_-]{43}$/)
})

test('VCI-34, VCI-54, VCI-120: an offer says which PIN to ask for, and not the PIN', async (t) => {
  const description = 'The letter that the Test Registry sent you has it.'
  const made = await node.offer({ issuer: 'registry', tx_code: { value: '0042', length: 4, description } })
  const { text, body } = await get(referenceIn(made.link))
  const { grants } = body as unknown as Offer
  t.deepEqual(grants[preAuthorizedCode]?.tx_code, { input_mode: 'numeric', length: 4, description })
  t.false(text.includes('0042'))
  const drawn = await node.offer({ txCode: true })
  t.regex(drawn.txCode ?? '', /^[0-9]{6}$/)
})

test('VCI-35: an offer by reference is JSON at an unguessable address that nobody may cache', async (t) => {
  const reference = referenceIn((await node.offer()).link)
  t.regex(reference, /\/offers\/[A-Za-z0-9_-]{43}$/)
  const { status, headers } = await get(reference)
  t.is(status, 200)
  t.is(headers.get('content-type'), 'application/json')
  t.is(headers.get('cache-control'), 'no-store')
})

test('VCI-35: an offer can be fetched as often as a wallet likes; what is spent is the grant', async (t) => {
  const offer = await node.offer()
  const reference = referenceIn(offer.link)
  const answers = await Promise.all([get(reference), get(reference), get(`${reference}/`)])
  t.is(new Set(answers.map(({ text }) => text)).size, 1)
  t.is((await node.wallet('campus').redeem(offer.code)).status, 200)
  isRefused(t, await get(reference), { error: 'invalid_request', status: 410 })
})

test('VCI-36: an offer tells nothing of the person', async (t) => {
  const byValue = await node.offer({ delivery: { by: 'value' } })
  for (const text of [decodeURIComponent(byValue.link), (await get(referenceIn((await node.offer()).link))).text]) {
    for (const value of Object.values(person)) t.false(text.includes(value))
  }
})

test('VCI-35: a handle opens an offer at its issuer only', async (t) => {
  const other = await addOtherTenant(node)
  const handle = referenceIn((await node.offer()).link)
    .split('/')
    .at(-1)!
  const elsewhere = [
    `${node.identifierOf('registry')}/offers/${handle}`,
    `${other.identifierOf('campus')}/offers/${handle}`,
  ]
  const unknown = ['A'.repeat(43), 'x', '%00', `${handle}%20`, handle.slice(0, -1), 'a'.repeat(10_000)]
  for (const address of [...elsewhere, ...unknown.map((text) => `${node.identifierOf('campus')}/offers/${text}`)])
    isRefused(t, await get(address), { error: 'invalid_request', status: 404 }, address)
})

test('VCI-35: an offer that was withdrawn is gone', async (t) => {
  const made = await node.offer()
  t.is(await portal(node.url).withdraw('campus', `off_${made.id}`), 204)
  isRefused(t, await get(referenceIn(made.link)), { error: 'invalid_request', status: 410 })
})

test('VCI-30, VCI-35: an offer for everybody is the same for everybody, and each view of its page has a state of its own', async (t) => {
  const made = await node.offer({ issuer: 'staff', configuration: ['EmployeeBadge', 'LibraryCard'] })
  const reference = referenceIn(made.link)
  const offer = await offerAt(reference)
  t.deepEqual(offer.credential_configuration_ids, ['EmployeeBadge', 'LibraryCard'])
  t.deepEqual(offer.grants, { authorization_code: { issuer_state: made.issuerState } })
  t.deepEqual(await offerAt(reference), offer)
  const view = 'V'.repeat(22)
  const seen = await offerAt(`${reference}?view=${view}`)
  t.deepEqual(seen.grants, { authorization_code: { issuer_state: `${made.issuerState}.${view}` } })
  t.deepEqual(await offerAt(`${reference}?view=nonsense`), offer)
})

test('VCI-32, VCI-35: an offer is gone when its time is over', async (t) => {
  const aged = await startTestNode({ identityProvider: node.identityProvider })
  t.teardown(() => aged.stop())
  const [short, long] = [await aged.offer(), await aged.offer({ txCode: true })]
  aged.wait({ minutes: 61 })
  isRefused(t, await get(referenceIn(short.link)), { error: 'invalid_request', status: 410 })
  t.is((await get(referenceIn(long.link))).status, 200)
})

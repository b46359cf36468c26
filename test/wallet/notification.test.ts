import { join } from 'node:path'
import test from 'ava'
import { makeKey } from '../../src/wallet/keys.ts'
import { startTestNode } from '../support/node.ts'
import { isRefused } from '../support/refusals.ts'

const node = await startTestNode({ tenantFile: join(import.meta.dirname, '../support/fixtures/grant-life.yaml') })
test.after.always(() => node.stop())

const issuer = await node.issuer('renewing')
const { tables } = node.services

/** A wallet that holds two copies, and how the trace of its session goes on. */
async function issued() {
  const wallet = node.wallet('renewing', { dpop: true })
  const { id, code } = await node.offer({ issuer: 'renewing', configuration: 'StudentCard' })
  const token = await wallet.redeem(code)
  const answer = await wallet.credential(token, { keys: [makeKey(), makeKey()] })
  const session = await tables.sessions.progress(issuer, { offerId: id })
  const notified = async () =>
    (await tables.events.listOfSession(issuer, session!.id)).filter(({ type }) => type === 'credential.notified')
  return { wallet, token, answer, notified, notification_id: answer.body.notification_id }
}

test('VCI-74: every answer with credentials has a notification_id of its own, for all of them', async (t) => {
  const { wallet, token, answer } = await issued()
  t.is(answer.body.credentials.length, 2)
  t.regex(answer.body.notification_id, /^[\w-]{43}$/)
  t.not((await wallet.credential(token)).body.notification_id, answer.body.notification_id)
  const { issuer: document } = await wallet.metadata()
  t.is(document.notification_endpoint, `${node.identifierOf('renewing')}/notification`)
})

test('VCI-91, VCI-92: what became of a credential goes into the trace of its session, once', async (t) => {
  const { wallet, token, notified, notification_id } = await issued()
  const [first, ...others] = ['credential_accepted', 'credential_failure', 'credential_deleted']
  for (const event of [first, first, ...others, ...others]) {
    const answer = await wallet.notify(token, { notification_id, event, unknown: 'ignored' })
    t.is(answer.status, 204, event)
    t.is(answer.text, '')
    t.is(answer.headers.get('cache-control'), 'no-store')
  }
  const credential = String(token.body.authorization_details[0]!.credential_identifiers[0]).replace('crd_', '')
  t.deepEqual(
    (await notified()).map(({ details }) => details),
    [first, ...others].map((event) => ({ credential, event })),
  )
})

test('VCI-91: the same notification five times at once is one', async (t) => {
  const { wallet, token, notified, notification_id } = await issued()
  const sent = { notification_id, event: 'credential_accepted' }
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => wallet.notify(token, sent)))
  for (const { status } of answers) t.is(status, 204)
  t.is((await notified()).length, 1)
})

test('VCI-91: a refreshed token serves as well, and what the wallet says in its own words is not kept', async (t) => {
  const { wallet, token, notified, notification_id } = await issued()
  const words = 'Zoe put it into the bin'
  const event = { notification_id, event: 'credential_deleted', event_description: words }
  t.is((await wallet.notify(await wallet.refresh(token), event)).status, 204)
  t.false(JSON.stringify(await notified()).includes(words))
})

test('VCI-93: an id that is unknown, or of another grant, is invalid_notification_id', async (t) => {
  const [mine, other] = [await issued(), await issued()]
  for (const notification_id of [other.notification_id, 'x', 'x'.repeat(43), '__proto__']) {
    const answer = await mine.wallet.notify(mine.token, { notification_id, event: 'credential_accepted' })
    isRefused(t, answer, 'invalid_notification_id', notification_id)
  }
  t.deepEqual(await other.notified(), [])
})

test('VCI-93: what is malformed is invalid_notification_request', async (t) => {
  const { wallet, token, notified, notification_id } = await issued()
  const event = 'credential_accepted'
  const wrong: Record<string, unknown>[] = [
    { notification_id },
    { event },
    { notification_id: '', event },
    { notification_id: 7, event },
    { notification_id: 'x'.repeat(301), event },
    { notification_id, event: 'credential_lost' },
    { notification_id, event: 'Credential_Accepted' },
    { notification_id, event: [event] },
    { notification_id, event, event_description: 7 },
  ]
  for (const members of wrong)
    isRefused(t, await wallet.notify(token, members), 'invalid_notification_request', JSON.stringify(members))
  for (const raw of ['', '[]', 'null', '{'])
    isRefused(t, await wallet.notify(token, {}, { raw }), 'invalid_notification_request', raw)
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  isRefused(t, await wallet.notify(token, {}, form), 'invalid_notification_request', 'a form')
  t.deepEqual(await notified(), [])
})

test('VCI-93, VCI-78: a notification needs a token that lives, under a proof for this endpoint', async (t) => {
  const { wallet, token, notification_id } = await issued()
  const sent = { notification_id, event: 'credential_accepted' }
  const bare = await wallet.notify(token, sent, { headers: { authorization: undefined } })
  t.is(bare.status, 401)
  t.is(bare.text, '')
  t.is((await wallet.notify(token, sent, { dpop: false })).status, 401)
  await wallet.revoke(token.body.access_token)
  const ended = await wallet.notify(token, sent)
  isRefused(t, ended, { error: 'invalid_token', status: 401 })
  t.regex(ended.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
})

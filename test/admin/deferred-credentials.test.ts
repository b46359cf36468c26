import { join } from 'node:path'
import test from 'ava'
import { run } from '../../src/cli/run.ts'
import { startTestNode } from '../support/node.ts'
import { remember } from '../support/secrets.ts'
import { apiKey } from '../support/tenant.ts'

const platformKey = remember('platform-key-of-the-deferred-tests', 'API key')
const tenantFile = join(import.meta.dirname, '../support/fixtures/grant-life.yaml')
const node = await startTestNode({ tenantFile, config: { apiKey: platformKey } })
test.after.always(() => node.stop())

type Shown = Record<string, unknown> & { id: string; state: string }
const at = (issuer: string) => `/tenants/test/issuers/${issuer}/deferred-credentials`

async function call(method: string, path: string, body?: unknown, key: string = platformKey) {
  const answer = await fetch(`${node.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Shown }
}
const list = async (query = ''): Promise<Shown[]> =>
  ((await call('GET', at('waiting') + query)).body as unknown as { deferred_credentials: Shown[] }).deferred_credentials
const decide = (id: string, decision: unknown, more = {}, key?: string) =>
  call('PUT', `${at('waiting')}/${id}/decision`, { decision, ...more }, key)

/** A credential that waits, and the wallet that waits for it. */
async function waiting() {
  const wallet = node.wallet('waiting', { dpop: true })
  const { id: offer, code } = await node.offer({ issuer: 'waiting', configuration: 'StudentCard' })
  const token = await wallet.redeem(code)
  const answer = await wallet.credential(token)
  const shown = (await list()).find((one) => one.offer === `off_${offer}`)!
  return { wallet, token, answer, shown }
}

test('VCI-73: an administrator sees who waits for what: ids and times, and nothing that opens it', async (t) => {
  const { answer, shown, token } = await waiting()
  t.deepEqual(Object.keys(shown), [
    ...['id', 'state', 'credential', 'credential_configuration_id', 'session', 'offer', 'created_at', 'expires_at'],
  ])
  t.regex(shown.id, /^dfr_[0-9a-f-]{36}$/)
  t.like(shown, { state: 'waiting', credential_configuration_id: 'StudentCard' })
  t.is(shown.credential, token.body.authorization_details[0]!.credential_identifiers[0])
  t.false(JSON.stringify(shown).includes(answer.body.transaction_id))
  t.deepEqual((await call('GET', `${at('waiting')}/${shown.id}`)).body, shown)
})

test('VCI-86, VCI-88: a decision is made once; the same one again changes nothing, and another is a conflict', async (t) => {
  const { wallet, token, answer, shown } = await waiting()
  const decided = await decide(shown.id, 'approved', { reason: 'Seen at the desk' })
  t.is(decided.status, 200)
  t.like(decided.body, { id: shown.id, state: 'approved', reason: 'Seen at the desk' })
  t.deepEqual((await decide(shown.id, 'approved')).body, decided.body)
  t.is((await decide(shown.id, 'refused')).status, 409)
  t.is((await wallet.deferred(token, answer)).status, 200)
  t.is((await call('GET', `${at('waiting')}/${shown.id}`)).body.state, 'collected')
  const refused = await waiting()
  t.is((await decide(refused.shown.id, 'refused')).body.state, 'refused')
  t.is((await decide(refused.shown.id, 'approved')).status, 409)
})

test('VCI-86: of opposite decisions at once one holds', async (t) => {
  const { shown } = await waiting()
  const decisions = ['approved', 'refused', 'approved', 'refused']
  const answers = await Promise.all(decisions.map((decision) => decide(shown.id, decision)))
  const { state } = (await call('GET', `${at('waiting')}/${shown.id}`)).body
  t.deepEqual(
    answers.map(({ status }) => status),
    decisions.map((decision) => (decision === state ? 200 : 409)),
  )
  const trace = await call('GET', `/tenants/test/issuers/waiting/sessions/${shown.session}`)
  const types = (trace.body as unknown as { events: { type: string }[] }).events.map(({ type }) => type)
  t.is(types.filter((type) => type === 'credential.approved' || type === 'credential.refused').length, 1)
})

test('the list is filtered by state and goes on behind a cursor', async (t) => {
  const made = [(await waiting()).shown.id, (await waiting()).shown.id, (await waiting()).shown.id]
  await decide(made[1]!, 'refused')
  t.true((await list('?state=refused')).some(({ id }) => id === made[1]))
  t.false((await list('?state=waiting')).some(({ id }) => id === made[1]))
  const found: string[] = []
  for (let cursor: string | undefined, more = true; more; ) {
    const query = `?limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`
    const page = (await call('GET', at('waiting') + query)).body as unknown as {
      deferred_credentials: Shown[]
      next_cursor?: string
    }
    found.push(...page.deferred_credentials.map(({ id }) => id))
    cursor = page.next_cursor
    more = cursor !== undefined
  }
  for (const id of made) t.is(found.filter((one) => one === id).length, 1)
  t.is((await call('GET', `${at('waiting')}?state=lost`)).status, 400)
  t.is((await call('GET', `${at('waiting')}?cursor=x`)).status, 400)
})

test('only an administrator decides, and only for the issuer in the path', async (t) => {
  const { shown } = await waiting()
  t.is((await decide(shown.id, 'approved', {}, apiKey)).status, 403, 'a client that makes offers does not')
  t.is((await decide(shown.id, 'approved', {}, 'x'.repeat(32))).status, 401)
  t.is((await call('PUT', `${at('renewing')}/${shown.id}/decision`, { decision: 'approved' })).status, 404)
  t.is((await call('GET', `${at('renewing')}/${shown.id}`)).status, 404)
  for (const decision of ['maybe', undefined, 7]) t.is((await decide(shown.id, decision)).status, 422)
  t.is((await decide(shown.id, 'approved', { reason: 'x'.repeat(501) })).status, 422)
  t.is((await decide('dfr_1', 'approved')).status, 404)
  t.is((await call('GET', `${at('waiting')}/${shown.id}`)).body.state, 'waiting')
})

test('claimgate deferred: lists what waits, approves and refuses', async (t) => {
  const [first, second] = [await waiting(), await waiting()]
  const claimgate = async (...words: string[]) => {
    const [printed, noted]: [string[], string[]] = [[], []]
    const environment = { CLAIMGATE_URL: node.url, CLAIMGATE_API_KEY: platformKey }
    const terminal = { environment, fetch: globalThis.fetch, now: node.services.clock }
    const texts = { print: (text: string) => printed.push(text), note: (text: string) => noted.push(text) }
    const code = await run(['deferred', ...words], { ...terminal, ...texts })
    return { code, printed: printed.join('\n'), noted: noted.join('\n') }
  }
  const shown = await claimgate('list', 'test/waiting')
  t.is(shown.code, 0, shown.noted)
  for (const { id } of [first.shown, second.shown]) t.true(shown.printed.includes(`${id} waiting: StudentCard`))
  t.like(await claimgate('approve', 'test/waiting', first.shown.id, '--reason', 'Seen'), { code: 0 })
  const refused = await claimgate('refuse', 'test/waiting', second.shown.id, '--json')
  t.is(JSON.parse(refused.printed).state, 'refused')
  t.is((await first.wallet.deferred(first.token, first.answer)).status, 200)
  const again = await claimgate('approve', 'test/waiting', second.shown.id)
  t.is(again.code, 1)
  t.regex(again.noted, /409/)
  t.like(await claimgate('list', 'test/renewing'), { code: 0, printed: '', noted: 'There is none that is waiting.' })
})

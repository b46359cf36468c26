import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { platformKey } from '../support/admin.ts'
import type { TestAnswer } from '../support/answers.ts'
import { newGalera } from '../support/databases.ts'
import { type Journey, killAfterSteps } from '../support/killed-node.ts'
import { lag } from '../support/lag.ts'
import { findHalfWritten, ledgerOf } from '../support/ledger.ts'
import { loseEachAnswer, startBehindProxy } from '../support/lost-answers.ts'
import { type NodeProcesses, startNodeProcesses } from '../support/node-processes.ts'
import { portal } from '../support/portal.ts'
import { isRefused } from '../support/refusals.ts'
import { needsSerially } from '../support/service.ts'

type Fetch = typeof globalThis.fetch
type Nodes = Pick<NodeProcesses, 'url' | 'wallet'>

const tenantFile = join(import.meta.dirname, '../support/fixtures/grant-life.yaml')
const configurationId = 'StudentCard'

/** Approves what waits of an offer, as an administrator does who looks again where he does not see it yet. */
async function approve(t: ExecutionContext, url: string, fetch: Fetch, offer: string): Promise<void> {
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${url}/api/v1/tenants/test/issuers/waiting/deferred-credentials${path}`, {
      ...init,
      headers: { authorization: `Bearer ${platformKey}`, 'content-type': 'application/json' },
    })
  for (let looks = 0; looks < 20; looks++) {
    const page = await (await call('?state=waiting&limit=100')).json()
    const { deferred_credentials: waiting } = page as { deferred_credentials: { id: string; offer: string }[] }
    const found = waiting.find((one) => one.offer === offer)
    if (!found) continue
    const body = JSON.stringify({ decision: 'approved' })
    const answer = await call(`/${found.id}/decision`, { method: 'PUT', body })
    t.is(answer.status, 200, await answer.text())
    return
  }
  t.fail('What a wallet was told to wait for is not shown')
}

/** A wallet that was told to come back. */
async function deferred(t: ExecutionContext, { url, wallet: make }: Nodes, fetch: Fetch) {
  const wallet = make('waiting', { fetch, dpop: true })
  const offer = await portal(url, fetch).offer('waiting', { credential_configuration_ids: [configurationId] })
  const token = await wallet.redeem(offer.code)
  t.is(token.status, 200, token.text)
  const answer = await wallet.credential(token, { configurationId })
  t.is(answer.status, 202, answer.text)
  return { wallet, offer, token, answer }
}

/** From the deferral to the credential, fetched with a refreshed token. Answers the offer's id. */
async function collect(t: ExecutionContext, nodes: Nodes, fetch: Fetch, here: Parameters<Journey>[1]) {
  const { wallet, offer, token, answer } = await deferred(t, nodes, fetch)
  await here('deferred')
  const early = await wallet.deferred(token, answer)
  t.is(early.status, 202, early.text)
  await approve(t, nodes.url, fetch, offer.id)
  await here('approved')
  const refreshed = await wallet.refresh(token)
  t.is(refreshed.status, 200, refreshed.text)
  await here('refreshed')
  const collected = await wallet.deferred(refreshed, answer)
  t.is(collected.status, 200, collected.text)
  await here('collected')
  isRefused(t, await wallet.deferred(refreshed, answer), 'invalid_transaction_id')
  return offer.id
}

/** What one collection leaves behind. */
const collectedOnce = {
  ...{ tries: 0, uses: 0, sessions: 1, grants: 1, tokens: 3, credentials: 1, copies: 1, counted: 1 },
  events: [
    ...['offer.created', 'grant.redeemed', 'credential.deferred', 'credential.approved'],
    ...['grant.refreshed', 'credential.issued'],
  ],
}

for (const when of ['after', 'before'] as const) {
  needsSerially('Galera')(
    `VCI-84, VCI-87: deferral, approval, refresh and collection succeed, and succeed once, whichever decision of a member is cut, ${when} it was sent`,
    async (t) => {
      const [member = ''] = await newGalera()
      const behind = await startBehindProxy(member, { tenantFile, config: { apiKey: platformKey } })
      t.teardown(behind.stop)
      const journey = async (fetch: Fetch) => {
        const offer = await collect(t, behind.node, fetch, async () => {})
        t.deepEqual(await ledgerOf(behind.db, offer), collectedOnce)
      }
      const steps = await loseEachAnswer(behind, journey, when)
      const asked = ['POST offers', 'POST token', 'POST credential', 'POST deferred', 'PUT deferred']
      t.deepEqual(steps, new Set(asked))
      t.deepEqual(await findHalfWritten(behind.db), [])
    },
  )
}

/** Three nodes, each at a member of its own; the members that wallets come to after a kill are behind most of the time. */
async function startAtMembers() {
  const databaseUrls = await newGalera()
  const environment = { CLAIMGATE_API_KEY: platformKey }
  const nodes = await startNodeProcesses(3, { databaseUrls, tenantFile, environment })
  const keepUp = await Promise.all(databaseUrls.slice(1).map((url) => lag(url)))
  const stop = async () => {
    await Promise.all(keepUp.map((caughtUp) => caughtUp()))
    await nodes.stop()
  }
  return { nodes, db: nodes.services.database.db, stop }
}

let made: ReturnType<typeof startAtMembers> | undefined
const shared = () => (made ??= startAtMembers())
test.after.always(async () => (await made)?.stop())

needsSerially('Galera')(
  'VCI-84: a wallet whose node is killed after the deferral, the approval, the refresh or the collection goes on at another member',
  async (t) => {
    const { nodes, db } = await shared()
    const offers: string[] = []
    const journey: Journey = async (fetch, here) => void offers.push(await collect(t, nodes, fetch, here))
    const steps = ['deferred', 'approved', 'refreshed', 'collected']
    await killAfterSteps(
      nodes,
      steps.map((step) => [journey, step]),
    )
    t.is(offers.length, steps.length)
    for (const offer of offers) t.deepEqual(await ledgerOf(db, offer), collectedOnce)
    t.deepEqual(await findHalfWritten(db), [])
  },
)

needsSerially('Galera')(
  'VCI-87: a node that is killed while wallets refresh and collect takes nothing back and hands nothing out twice',
  async (t) => {
    const { nodes, db } = await shared()
    const [, second, third] = nodes.nodes
    let unanswered = 0

    async function prepare() {
      let node = third!
      const waiting = await deferred(t, nodes, (input, init) => node.fetch(input, init))
      await approve(t, nodes.url, third!.fetch, waiting.offer.id)
      node = second!
      /** As a wallet does it: asks anew, with a proof of its own, where no answer came. */
      const insist = async (ask: () => Promise<TestAnswer>) => {
        try {
          return { answer: await ask(), again: false }
        } catch (error) {
          if (node === third) throw error
          node = third!
          unanswered += 1
          return { answer: await ask(), again: true }
        }
      }
      return { ...waiting, insist }
    }

    async function claim({ wallet, offer, token, answer, insist }: Awaited<ReturnType<typeof prepare>>) {
      const { answer: refreshed } = await insist(() => wallet.refresh(token))
      t.is(refreshed.status, 200, refreshed.text)
      const collect = () => insist(() => wallet.deferred(refreshed, answer))
      const { answer: collected, again } = await collect()
      if (again && collected.status !== 200) {
        // The node died after it had decided and before it could say so. The credential is approved: the wallet asks for it anew.
        isRefused(t, collected, 'invalid_transaction_id')
        const anew = await wallet.credential(refreshed, { configurationId })
        t.is(anew.status, 200, anew.text)
        return { offer, copies: 2, collect }
      }
      t.is(collected.status, 200, collected.text)
      return { offer, copies: 1, collect }
    }

    const prepared = await Promise.all(Array.from({ length: 24 }, prepare))
    const claims = prepared.map(claim)
    await Promise.any(claims)
    await second!.kill()
    const claimed = await Promise.all(claims)
    t.true(unanswered > 0, 'it was in the middle of steps')
    for (const { offer, copies, collect } of claimed) {
      isRefused(t, (await collect()).answer, 'invalid_transaction_id')
      const { events, ...rows } = await ledgerOf(db, offer.id)
      t.like(rows, { grants: 1, credentials: 1, copies, counted: copies })
      t.is(events.filter((type) => type === 'credential.issued').length, copies)
    }
    t.deepEqual(await findHalfWritten(db), [])
  },
)

import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import test, { type ExecutionContext } from 'ava'
import { databases } from '../support/databases.ts'
import { type Journey, killAfterSteps } from '../support/killed-node.ts'
import { findHalfWritten, ledgerOf } from '../support/ledger.ts'
import { type NodeProcesses, startNodeProcesses } from '../support/node-processes.ts'
import { type Page, plainBrowser } from '../support/plain-browser.ts'
import { type PortalOffer, portal } from '../support/portal.ts'
import { remember } from '../support/secrets.ts'

type Fetch = typeof globalThis.fetch

/** A proxy that stays with one node while it answers, and makes a request again at the next one when it does not. */
function steady({ nodes }: NodeProcesses) {
  const self = {
    at: 0,
    /** How many requests were left without an answer. */
    lost: 0,
    fetch: (async (input, init) => {
      for (;;) {
        try {
          return await nodes[self.at]!.fetch(input, init)
        } catch (error) {
          if (self.at === nodes.length - 1) throw error
          self.lost += 1
          self.at += 1
        }
      }
    }) as Fetch,
  }
  return self
}

const started = await Promise.all(
  databases.map(async ({ name, url }) => ({
    name,
    nodes: await startNodeProcesses(3, { databaseUrls: [await url()] }),
  })),
)
test.after.always(() => Promise.all(started.map(({ nodes }) => nodes.stop())))

type Here = (step: string) => Promise<void>

/** With a pre-authorized code, told after each step. */
async function claimByCode(t: ExecutionContext, nodes: NodeProcesses, fetch: Fetch, here: Here): Promise<void> {
  const wallet = nodes.wallet('registry', { fetch, dpop: true })
  const offer = await portal(nodes.url, fetch).offer('registry')
  await here('offered')
  t.is((await wallet.redeem(offer.code, '1')).status, 400)
  await here('guessed')
  const token = await wallet.redeem(offer.code, offer.txCode)
  t.is(token.status, 200, token.text)
  await here('redeemed')
  const answer = await wallet.credential(token)
  t.is(answer.status, 200, answer.text)
}

/** With a sign-in, likewise. */
async function claimBySignIn(t: ExecutionContext, nodes: NodeProcesses, fetch: Fetch, here: Here): Promise<void> {
  const wallet = nodes.wallet('staff', { fetch, dpop: true })
  const browser = plainBrowser(fetch)
  const { issuerState } = await portal(nodes.url, fetch).offer('staff', { login_hint: 'alice' })
  const pushed = await wallet.push({ issuer_state: issuerState })
  await here('pushed')
  const press = (page: Page, id: string) =>
    browser.press(page, id, id === 'sign-in' ? { username: 'alice', password: 'alice' } : {}, wallet.redirectUri)
  const asked = await browser.go(await wallet.authorizeUrl({ request_uri: pushed.body.request_uri }))
  await here('sent to sign in')
  const signedIn = await press(asked, 'sign-in')
  await here('signed in')
  const approved = await press(signedIn, 'approve')
  const code = remember(new URL(approved.url).searchParams.get('code') ?? '', 'code')
  await here('approved')
  const token = await wallet.redeem({ code })
  t.is(token.status, 200, token.text)
  await here('redeemed')
  const answer = await wallet.credential(token)
  t.is(answer.status, 200, answer.text)
}

for (const { name, nodes } of started) {
  const on = (title: string) => `${title} [${name}]`
  const { db } = nodes.services.database

  test.serial(on('a journey whose node is killed after any of its steps ends at another one'), async (t) => {
    const journey =
      (claim: typeof claimByCode): Journey =>
      (fetch, here) =>
        claim(t, nodes, fetch, here)
    await killAfterSteps(nodes, [
      ...['offered', 'guessed', 'redeemed'].map((step): [Journey, string] => [journey(claimByCode), step]),
      ...['pushed', 'sent to sign in', 'signed in', 'approved', 'redeemed'].map((step): [Journey, string] => [
        journey(claimBySignIn),
        step,
      ]),
    ])
    t.deepEqual(await findHalfWritten(db), [])
  })

  test.serial(on('a node that is killed under load takes nothing back and leaves nothing half-written'), async (t) => {
    const confirmed: { offer: PortalOffer; token: Awaited<ReturnType<ReturnType<typeof nodes.wallet>['redeem']>> }[] =
      []
    let unanswered = 0

    async function claim(): Promise<void> {
      const proxy = steady(nodes)
      proxy.at = 1
      const wallet = nodes.wallet('campus', { fetch: proxy.fetch })
      const offer = await portal(nodes.url, proxy.fetch).offer('campus')
      const before = proxy.lost
      const token = await wallet.redeem(offer.code)
      if (token.status !== 200 && proxy.lost > before) {
        // The node died after it had spent the code and before it could say so: the whole of it is there.
        t.like(await ledgerOf(db, offer.id), { grants: 1, tokens: 1 })
      } else {
        t.is(token.status, 200, token.text)
        const answer = await wallet.credential(token)
        t.is(answer.status, 200, answer.text)
        confirmed.push({ offer, token })
      }
      unanswered += proxy.lost
    }

    let claimed = 0
    const worker = async () => {
      while (claimed < 40) {
        claimed += 1
        if (claimed === 20) void nodes.nodes[1]!.kill()
        await claim()
      }
    }
    await Promise.all(Array.from({ length: 8 }, worker))

    t.true(unanswered > 0, 'it was in the middle of steps')
    t.deepEqual(await findHalfWritten(db), [])
    const survivor = nodes.wallet('campus', { fetch: nodes.nodes[2]!.fetch })
    for (const { offer, token } of confirmed) {
      t.like(await ledgerOf(db, offer.id), { grants: 1, tokens: 1, credentials: 1 })
      t.is((await survivor.credential(token)).status, 200)
    }
  })
}

test('a node that is told to stop finishes what runs, ends open streams, takes nothing new, and exits with 0', async (t) => {
  const { nodes, url, offer: make, stop } = await startNodeProcesses(1)
  t.teardown(stop)
  const [node] = nodes
  const [offer, followed] = [await make(), await make()]
  const stream = await node!.fetch(`${followed.page}/events`)
  const reader = stream.body!.getReader()
  t.false((await reader.read()).done)

  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:pre-authorized_code',
    'pre-authorized_code': offer.code,
  }).toString()
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': form.length,
    expect: '100-continue',
  }
  const path = new URL(`${url}/test/campus/token`).pathname
  const running = request({ port: node!.port, host: '127.0.0.1', method: 'POST', path, headers })
  running.flushHeaders()
  await once(running, 'continue') // from now on it runs
  running.write(form.slice(0, 40))

  const exited = once(node!.child, 'exit')
  node!.child.kill('SIGTERM')
  let end = await reader.read()
  while (!end.done) end = await reader.read()
  await t.throwsAsync(fetch(`http://127.0.0.1:${node!.port}/healthz`), undefined, 'nothing new is taken')
  running.end(form.slice(40))
  const [answer] = (await once(running, 'response')) as [IncomingMessage]
  t.is(answer.statusCode, 200)
  const body = JSON.parse(await text(answer))
  t.is(typeof body.access_token, 'string')
  remember(body.access_token, 'access_token')
  const answeredAt = performance.now()
  t.deepEqual(await exited, [0, null])
  t.true(performance.now() - answeredAt < 4000, 'it waits for no connection that a client keeps')
})

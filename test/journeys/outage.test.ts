import { setTimeout as pause } from 'node:timers/promises'
import test from 'ava'
import { makeKey } from '../../src/wallet/keys.ts'
import { databases } from '../support/databases.ts'
import { ledgerOf } from '../support/ledger.ts'
import { type Behind, loseEachAnswer, startBehindProxy } from '../support/lost-answers.ts'
import { elementOf, plainBrowser } from '../support/plain-browser.ts'
import { portal } from '../support/portal.ts'
import { needs, needsSerially } from '../support/service.ts'

/** A node behind a proxy, over a MariaDB of its own. */
const startOnMariadb = async () => startBehindProxy(await databases.find(({ name }) => name === 'MariaDB')!.url())

/** The one that tests take in turns. */
let made: Promise<Behind> | undefined
const shared = () => (made ??= startOnMariadb())
test.after.always(async () => (await made)?.stop())

needsSerially('MariaDB')(
  'with a pre-authorized code every step succeeds, and succeeds once, whichever answer of the database is lost',
  async (t) => {
    const behind = await shared()
    const { node, db } = behind
    const steps = await loseEachAnswer(behind, async (fetch) => {
      const { offer: make, withdraw } = portal(node.url, fetch)
      const wallet = node.wallet('registry', { fetch, dpop: true })
      const { id, code, txCode } = await make('registry')
      // One try is left when the right PIN comes: no answer that is lost may take it.
      for (const guess of ['1', '2', '3', '4']) t.is((await wallet.redeem(code, guess.repeat(5))).status, 400)
      const token = await wallet.redeem(code, txCode)
      t.is(token.status, 200, token.text)
      const answer = await wallet.credential(token, { keys: [makeKey(), makeKey()] })
      t.is(answer.status, 200, answer.text)
      t.is(await withdraw('registry', id), 204)
      t.is((await wallet.credential(token)).status, 401, 'what was withdrawn yields nothing')
      t.deepEqual(await ledgerOf(db, id), {
        ...{ tries: 5, uses: 0, sessions: 1, grants: 1, tokens: 1, credentials: 1, copies: 2, counted: 2 },
        events: ['offer.created', 'grant.redeemed', 'credential.issued', 'offer.withdrawn'],
      })
    })
    t.deepEqual(steps, new Set(['POST offers', 'POST token', 'POST credential', 'DELETE offers']))
  },
)

for (const [kind, wish] of [
  ['a personal offer', { login_hint: 'alice' }],
  ['a shared offer of few places', { max_uses: 1000 }],
] as const) {
  needsSerially('MariaDB')(
    `with a sign-in for ${kind} every step succeeds, and succeeds once, whichever answer of the database is lost`,
    async (t) => {
      const behind = await shared()
      const { node, db } = behind
      const steps = await loseEachAnswer(behind, async (fetch) => {
        const wallet = node.wallet('staff', { fetch, dpop: true })
        const { id, issuerState } = await portal(node.url, fetch).offer('staff', wish)
        const signedIn = await wallet.signIn({ members: { issuer_state: issuerState } })
        t.truthy(signedIn.code, signedIn.page.text)
        const token = await wallet.redeem(signedIn)
        t.is(token.status, 200, token.text)
        const answer = await wallet.credential(token)
        t.is(answer.status, 200, answer.text)
        const { events, uses, ...rows } = await ledgerOf(db, id)
        t.deepEqual(rows, { tries: 0, sessions: 1, grants: 1, tokens: 1, credentials: 1, copies: 1, counted: 1 })
        t.is(uses, 'max_uses' in wish ? 1 : 0)
        t.deepEqual(events, [...new Set(events)], 'no fact is there twice')
      })
      const visits = ['GET authorize', 'GET callback', 'POST consent']
      t.deepEqual(steps, new Set(['POST offers', 'POST par', ...visits, 'POST token', 'POST credential']))
    },
  )
}

for (const kind of ['is gone', 'hangs'] as const) {
  needs('MariaDB')(
    `while the database ${kind} wallets, people and probes are told so, and afterwards everything goes on`,
    async (t) => {
      const { node, proxy, back, stop } = await startOnMariadb()
      t.teardown(stop)
      const wallet = node.wallet('registry')
      const browser = plainBrowser()
      const [begun, kept] = [await node.offer({ txCode: true }), await node.offer({ txCode: true })]
      const token = await wallet.redeem(begun.code, begun.txCode)
      const { c_nonce: nonce } = (await wallet.nonce()).body
      t.is((await browser.go(kept.page)).status, 200)
      const stream = await fetch(`${kept.page}/events`)
      const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
      t.regex((await reader.read()).value ?? '', /^retry/)
      const told = reader.read()

      if (kind === 'hangs') proxy.freeze()
      else await proxy.stop()
      await pause(1100) // what a node knows of its tenants is asked again after a second
      const crowd = Array.from({ length: 30 }, () => wallet.redeem(kept.code, kept.txCode))
      const [ready, redeemed, issued, page] = await Promise.all([
        fetch(`${node.url}/readyz`),
        wallet.redeem(kept.code, kept.txCode),
        wallet.credential(token, { nonce }),
        browser.go(kept.page),
      ])
      t.is(ready.status, 503)
      t.truthy(ready.headers.get('retry-after'))
      for (const answer of [redeemed, issued, ...(await Promise.all(crowd))]) {
        t.like(answer, { status: 503, body: { error: 'temporarily_unavailable' } })
        t.regex(answer.headers.get('retry-after') ?? '', /^\d+$/)
      }
      t.is(page.status, 503)
      t.regex(page.headers.get('content-type') ?? '', /^text\/html/)
      t.regex(page.headers.get('retry-after') ?? '', /^\d+$/)
      t.like(elementOf(page, 'problem'), { 'data-error': 'temporarily_unavailable', 'data-help': 'unavailable' })
      t.is((await fetch(`${node.url}/healthz`)).status, 200, 'a restart would help nobody')

      await proxy.stop()
      const again = await back()
      t.teardown(again.stop)
      for (let tries = 0; tries < 50 && (await fetch(`${node.url}/readyz`)).status !== 200; tries++) await pause(100)
      t.is((await fetch(`${node.url}/readyz`)).status, 200)
      t.is((await wallet.credential(token)).status, 200, 'what was confirmed before still holds')
      t.is(await Promise.race([told, pause(100)]), undefined, 'a page that follows its offer noticed nothing')
      const late = await wallet.redeem(kept.code, kept.txCode)
      t.is(late.status, 200, `what was refused spent nothing: ${late.text}`)
      t.is((await browser.go(kept.page)).status, 200)
      t.like(await told, { value: 'event: state\ndata: opened\n\n' })
      await reader.cancel()
    },
  )
}

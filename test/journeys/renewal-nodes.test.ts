import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import test from 'ava'
import { databases } from '../support/databases.ts'
import { type NodeProcess, startNodeProcesses } from '../support/node-processes.ts'
import { isRefused } from '../support/refusals.ts'
import { startRenewingProvider } from '../support/renewing-provider.ts'

// Renewals at two nodes over one database, whose provider gives each refresh token for one use.

for (const { name, url } of databases) {
  test(`VCI-126: two nodes use a provider’s refresh token once, and if one is killed with the next one in its hands the person signs in again [${name}]`, async (t) => {
    const idp = await startRenewingProvider()
    const nodes = await startNodeProcesses(2, {
      databaseUrls: [await url()],
      tenantFile: join(import.meta.dirname, '../support/fixtures/renewal.yaml'),
      environment: { IDP_ISSUER: idp.issuer, IDP_CLIENT_SECRET: idp.client_secret, HR_URL: idp.issuer },
    })
    t.teardown(() => Promise.all([nodes.stop(), idp.stop()]))
    const [doomed, survivor] = nodes.nodes as [NodeProcess, NodeProcess]
    const { db } = nodes.services.database
    const upstreamCalls = () => idp.requests.filter((request) => request === 'POST /token').length

    /** Holds the provider's answers back until what is answered is called. */
    const close = () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      idp.gate.opened = promise
      return resolve
    }
    /** Where the next requests of the wallet go, in their order. */
    const way: NodeProcess[] = []
    const fetch: typeof globalThis.fetch = (input, init) => (way.shift() ?? survivor).fetch(input, init)
    const wallet = nodes.wallet('fresh', { dpop: true, fetch })
    const token = await wallet.redeem(await wallet.signIn())
    t.is(token.status, 200, token.text)
    const at = (node: NodeProcess) => {
      way.push(node)
      return wallet.refresh(token)
    }

    const before = upstreamCalls()
    const open = close()
    const asked = Promise.all([at(doomed), at(survivor)])
    await pause(1000)
    open()
    const both = await asked
    t.deepEqual(
      both.map(({ status }) => status),
      [200, 200],
    )
    t.is(upstreamCalls() - before, 1)
    t.is((await at(survivor)).status, 200, 'the next one was kept')

    const openAgain = close()
    const calls = upstreamCalls()
    const lost = at(doomed).catch(() => undefined)
    while (upstreamCalls() === calls) await pause(20)
    await pause(300) // until the provider has made the next one
    await doomed.kill()
    await lost
    openAgain()
    const changed = await db('grants').whereNotNull('renewing_until').update({ renewing_until: 0 }) // 90 s later
    t.is(changed, 1)
    isRefused(t, await at(survivor), 'invalid_grant')
    const { details } = await db('events').where({ type: 'session.wallet_refused' }).orderBy('id', 'desc').first()
    t.like(JSON.parse(details), { fault: 'refresh-session-ended' })
  })
}

import test from 'ava'
import { decodeJwt } from 'jose'
import { makeKey } from '../../src/wallet/keys.ts'
import { platformKey } from '../support/admin.ts'
import type { TestAnswer } from '../support/answers.ts'
import { databases } from '../support/databases.ts'
import { heldStatus, referencesOf } from '../support/held-status.ts'
import { type NodeProcess, startNodeProcesses } from '../support/node-processes.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'

for (const { name: on, url } of databases) {
  test(`nodes under load, of which one is killed, never give one entry twice, and one tells what another changed [${on}]`, async (t) => {
    const nodes = await startNodeProcesses(3, {
      databaseUrls: [await url()],
      environment: { CLAIMGATE_API_KEY: platformKey },
    })
    t.teardown(() => nodes.stop())
    const [doomed, survivor, other] = nodes.nodes as [NodeProcess, NodeProcess, NodeProcess]
    const { db } = nodes.services.database
    const issued: TestAnswer[] = []
    let killed = false

    /** One batch of four, from one node; undefined if it died over it. */
    async function issue({ fetch }: NodeProcess): Promise<TestAnswer | undefined> {
      const wallet = nodes.wallet('campus', { fetch })
      const { code } = await nodes.offer()
      try {
        const answer = await wallet.credential(await wallet.redeem(code), {
          configurationId: 'StudentCard',
          keys: Array.from({ length: 4 }, () => makeKey()),
        })
        t.is(answer.status, 200, answer.text)
        issued.push(answer)
        return answer
      } catch (error) {
        if (!killed) throw error
        return undefined
      }
    }
    const worker = async (node: NodeProcess) => {
      for (let turn = 0; turn < 5; turn++) {
        if (node === doomed && turn === 3 && !killed) {
          killed = true
          void node.kill()
        }
        if (!(await issue(node))) return
      }
    }
    await Promise.all([doomed, survivor, doomed, survivor, other].map(worker))
    t.true(killed && issued.length >= 15)

    const told = issued.flatMap(referencesOf).map(({ uri, idx }) => `${uri.split('/').at(-1)} ${idx}`)
    t.is(new Set(told).size, told.length, 'what wallets hold')
    const rows = await db('copies').select('status_list', 'status_index')
    const stored = new Set(rows.map(({ status_list, status_index }) => `${status_list} ${status_index}`))
    t.is(stored.size, rows.length, 'what the database holds')
    t.true(told.every((place) => stored.has(place)))
    t.is(new Set(rows.map(({ status_list }) => status_list)).size, 1, 'all nodes fill one list')
    const { position } = await db('status_lists').first('position')
    t.true(position >= rows.length)

    const issuer = nodes.identifierOf('campus')
    const [answer] = issued as [TestAnswer]
    const { fetch } = survivor
    const trust = { issuer, fetch, root: await rootOf(issuer, fetch) }
    const { credential } = answer.body.credentials[0]!
    t.is(await heldStatus(answer, trust), 'valid')
    await t.notThrowsAsync(readSdJwt(credential, trust))
    const { status_index } = await db('copies')
      .where({ status_index: referencesOf(answer)[0]!.idx })
      .first()
    t.is(
      decodeJwt<{ status: { status_list: { idx: number } } }>(credential.split('~')[0]!).status.status_list.idx,
      status_index,
    )
    const { credential_id } = await db('copies').where({ status_index }).first()
    // Another node changes it than the one that serves the list, which has an older one in memory.
    const path = `/api/v1/tenants/test/issuers/campus/credentials/crd_${credential_id}/status`
    for (const status of ['suspended', 'valid', 'invalid'] as const) {
      const headers = { authorization: `Bearer ${platformKey}`, 'content-type': 'application/json' }
      const set = await other.fetch(nodes.url + path, { method: 'PUT', headers, body: JSON.stringify({ status }) })
      t.is(set.status, 200)
      await new Promise((resolve) => setTimeout(resolve, 1100))
      t.is(await heldStatus(answer, trust), status)
      if (status === 'valid') await t.notThrowsAsync(readSdJwt(credential, trust))
      else await t.throwsAsync(readSdJwt(credential, trust), undefined, 'a library that is not ours refuses it')
    }
  })
}

// `npm run bench -- --status-list`: what a list of a million entries costs when something in it has changed.
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { software } from '../src/keys/software.ts'
import type { LiveIssuer } from '../src/model/live.ts'
import { makePublisher } from '../src/status/publish.ts'
import { openDatabase } from '../src/store/database.ts'
import { tablesOver } from '../src/store/index.ts'
import { migrations } from '../src/store/migrations/index.ts'
import { databases } from '../test/support/databases.ts'
import { machine } from './report.ts'

const size = 2 ** 20
const [listId, tenantId, issuerId] = ['01990000-0000-7000-8000-000000000001', 'tenant', 'issuer']
const issuer = { tenantId, issuerId, identifier: 'https://bench.example/test/issuer' } as LiveIssuer

/** Every entry has a copy; of so many of them the status is something else than valid. */
async function fill(file: string, share: number): Promise<void> {
  const raw = new DatabaseSync(file)
  raw.exec('PRAGMA synchronous=OFF; BEGIN; DELETE FROM copies')
  const insert = raw.prepare(
    'INSERT INTO copies (id, tenant_id, issuer_id, credential_id, status_list, status_index, created_at, status) VALUES (?,?,?,?,?,?,0,?)',
  )
  for (let index = 0; index < size; index++) {
    const status = Math.random() < share ? 1 + (index & 1) : 0
    insert.run(`copy ${index}`, tenantId, issuerId, `credential ${index}`, listId, index, status)
  }
  raw.exec('COMMIT')
  raw.close()
}

/** Prints, for each share of entries that are suspended or revoked, how long it takes to read, encode and sign the list anew. */
export async function benchStatusList(): Promise<void> {
  console.log(machine())
  const url = await databases[0]!.url()
  const database = await openDatabase(url, { clock: () => new Date(), random: randomBytes })
  await database.migrate(migrations)
  const tables = tablesOver((question, options) => database.ask(question, options))
  const group = { kind: 'token' as const, keyName: 'default', algorithm: 'ES256' }
  await tables.statusLists.insert(issuer, { id: listId, number: 1, size, ...group }, new Date())
  const { secret } = await software.generate('ES256')
  const signer = await software.open({ keyId: 'bench', algorithm: 'ES256', secret, certificateChain: [] })
  console.log('\nA list of 1,048,576 entries, changed, read, encoded and signed anew')
  console.log('  not valid      JWT ms    CWT ms    bytes of the JWT')
  for (const share of [0.001, 0.01, 0.1, 0.5]) {
    await fill(url.slice('sqlite:'.length), share)
    const times: Record<'jwt' | 'cwt', number[]> = { jwt: [], cwt: [] }
    let bytes = 0
    for (let run = 0; run < 5; run++) {
      for (const form of ['jwt', 'cwt'] as const) {
        const publisher = makePublisher({ tables, clock: () => new Date() })
        const startedAt = performance.now()
        const list = (await publisher.find(issuer, listId))!
        const { body } = await publisher.publish(issuer, list, form, signer)
        times[form].push(performance.now() - startedAt)
        if (form === 'jwt') bytes = body.length
      }
    }
    const median = (values: number[]) =>
      values
        .toSorted((a, b) => a - b)[2]!
        .toFixed(0)
        .padStart(9)
    console.log(
      `  ${`${share * 100} %`.padStart(9)} ${median(times.jwt)} ${median(times.cwt)} ${String(bytes).padStart(12)}`,
    )
  }
  await database.close()
}

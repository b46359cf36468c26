import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import type { Allocator } from '../../src/status/allocate.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { takeLease } from '../../src/store/leases.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { makeVault } from '../../src/store/sealed.ts'
import { databases } from './databases.ts'
import { allocatorOver, someConfiguration, someIssuer } from './status-lists.ts'

export const secret = Buffer.alloc(32, 7)
export const open = (url: string): Promise<Database> =>
  openDatabase(url, { clock: () => new Date(), random: randomBytes })

/** The database of a test, closed at its end. */
export async function opened(t: ExecutionContext, url: string): Promise<Database> {
  const database = await open(url)
  t.teardown(() => database.close())
  return database
}

/** One database of each kind for all tests of a file, migrated once; every test takes names of its own. */
export const sharedDatabases = (list: typeof migrations) =>
  databases.map(({ name, url }) => {
    let made: Promise<string> | undefined
    const make = async () => {
      const at = await url()
      const database = await open(at)
      await database.migrate(list)
      await database.close()
      return at
    }
    return { name, url: () => (made ??= make()) }
  })

let allocator: Allocator | undefined

/** What another operating-system process does to the database when told. */
const deeds = {
  /** Reads a number and writes the next one, each time in a transaction, and says how often it had to try. */
  count: async (database: Database, times: string) => {
    let runs = 0
    for (let time = 0; time < Number(times); time++) {
      await database.inTransaction(async (trx) => {
        runs += 1
        const { until } = await trx('leases').where({ name: 'counter' }).first()
        await trx('leases')
          .where({ name: 'counter' })
          .update({ until: until + 1 })
      })
    }
    return String(runs)
  },
  /** Keeps a write transaction open. */
  hold: async (database: Database, millis: string) => {
    await database.inTransaction(async (trx) => {
      await trx('leases').where({ name: 'held' }).delete()
      process.send?.('holding')
      await pause(Number(millis))
    })
    return 'done'
  },
  lease: async (database: Database, holder: string) => String(await takeLease(database, 'job', holder, 30, new Date())),
  migrate: async (database: Database) => {
    const lines: string[] = []
    await database.migrate(migrations, (line) => lines.push(line))
    return lines.join('; ')
  },
  /** Takes places in the status list of an issuer, and says which. */
  allocate: async (database: Database, count: string) => {
    allocator ??= allocatorOver(database)
    return JSON.stringify(await allocator.allocate(someIssuer('raced'), someConfiguration(), Number(count)))
  },
  vault: async (database: Database, tenant: string) => {
    const vault = makeVault({ database, secret, random: randomBytes, clock: () => new Date() })
    return (await vault.of(tenant)).index('the same text')
  },
}

export type StoreProcess = { do(argument?: string): Promise<string>; next(): Promise<string>; stop(): Promise<void> }

/** Another process with the database open, ready to do its deed at each `do`; killed at the end of the test. */
export async function startStoreProcess(
  t: ExecutionContext,
  url: string,
  deed: keyof typeof deeds,
): Promise<StoreProcess> {
  const child = fork(fileURLToPath(import.meta.url), [url, deed])
  const next = async () => {
    const [answer] = await Promise.race([once(child, 'message'), once(child, 'exit')])
    return String(answer)
  }
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  t.teardown(stop)
  const ready = await next()
  if (ready !== 'ready') throw new Error(`The process ended with ${ready}`)
  return {
    next,
    do: (argument = '') => {
      child.send(argument)
      return next()
    },
    stop,
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url = '', deed = ''] = process.argv.slice(2)
  const database = await open(url)
  process.on('message', async (argument) => {
    process.send?.(await deeds[deed as keyof typeof deeds](database, String(argument)))
  })
  process.on('disconnect', () => process.exit())
  process.send?.('ready')
}

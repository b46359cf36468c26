import test from 'ava'
import type { Database } from '../../src/store/database.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { create, digest, extend, hasIndex } from '../../src/store/migrations/shape.ts'
import { databases } from '../support/databases.ts'
import { opened, startStoreProcess } from '../support/store-process.ts'

const nothing = async () => ({ up: async () => {} })
const table = (name: string) => (knex: Database['db']) => create(knex, name, (made) => made.string('id', 36).primary())

for (const { name, url } of databases) {
  test(`${name}: of three processes that start at once one migrates and the others wait for it`, async (t) => {
    const at = await url()
    const processes = await Promise.all([1, 2, 3].map(() => startStoreProcess(t, at, 'migrate')))
    const logs = await Promise.all(processes.map((other) => other.do()))
    const names = Object.keys(migrations)
    for (const migration of names) {
      t.is(logs.filter((log) => log.includes(`Migrated the database: ${migration}`)).length, 1, logs.join())
    }
    const database = await opened(t, at)
    t.true(await database.isMigrated(migrations))
    t.deepEqual(await database.db('knex_migrations').orderBy('id').pluck('name'), names)
    t.deepEqual(await database.db('leases').select(), [])
  })

  test(`${name}: a node that was killed while it migrated is followed when its lease has run out, where it stopped`, async (t) => {
    const database = await opened(t, await url())
    let killed = false
    const list = {
      '0001-first': nothing,
      '0002-second': async () => ({
        async up(knex: Database['db']) {
          await table('one')(knex)
          if (!killed) throw new Error('killed')
          await table('two')(knex)
        },
      }),
    }
    await t.throwsAsync(database.migrate(list), { message: 'killed' })
    killed = true
    t.deepEqual(await database.db('leases').select(), [], 'a failure gives the lease back')
    t.is(await database.db.schema.hasTable('one'), database.kind === 'mysql', 'MySQL commits every DDL statement')
    // What a killed node leaves behind: knex's own lock and the lease.
    await database.db('knex_migrations_lock').update({ is_locked: 1 })
    await database.db('leases').insert({ name: 'migrations', holder: 'killed', until: Date.now() + 1500 })

    const log: string[] = []
    const begun = Date.now()
    await database.migrate(list, (line) => log.push(line))
    t.true(Date.now() - begun > 1000)
    t.deepEqual(log, [
      'Another node migrates the database; waiting for it',
      // SQLite had taken the first one back with the second.
      ...(database.kind === 'sqlite' ? ['Migrated the database: 0001-first'] : []),
      'Migrated the database: 0002-second',
    ])
    t.true(await database.isMigrated(list))
    t.true(await database.db.schema.hasTable('two'))
    t.deepEqual(await database.db('leases').select(), [])
  })

  test(`${name}: a node that was killed between a column and its index is followed by one that makes the index`, async (t) => {
    const database = await opened(t, await url())
    const before = Object.entries(migrations).filter(([migration]) => migration < '0010')
    await database.migrate(Object.fromEntries(before))
    await extend(database.db, 'offers', { reference_hash: (made) => digest(made, 'reference_hash') })
    await database.migrate(migrations)
    t.true(await hasIndex(database.db, 'offers_reference_hash_index'))
  })

  test(`${name}: a node of the version before starts on a database that a newer one has migrated`, async (t) => {
    const database = await opened(t, await url())
    const older = { '0001-first': nothing }
    const newer = { ...older, '0003-newer': nothing }
    await database.migrate(newer)
    t.true(await database.isMigrated(older))
    await database.migrate(older)
    const patched = { ...older, '0002-patch': nothing }
    t.false(await database.isMigrated(patched))
    await database.migrate(patched)
    t.true(await database.isMigrated(patched))
    t.true(await database.isMigrated(newer))
  })

  test(`${name}: a database without its tables is not ready`, async (t) => {
    const database = await opened(t, await url())
    await t.throwsAsync(database.ping())
    t.false(await database.isMigrated({}))
    await database.migrate({})
    await t.notThrowsAsync(database.ping())
    t.true(await database.isMigrated({}))
  })
}

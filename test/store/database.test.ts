import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import test from 'ava'
import { ProtocolError } from '../../src/protocol/errors.ts'
import { type Database, insertOnce, isDuplicate, Missed } from '../../src/store/database.ts'
import { create } from '../../src/store/migrations/shape.ts'
import { addressOf } from '../support/addresses.ts'
import { startCutProxy } from '../support/cut-proxy.ts'
import { newGalera } from '../support/databases.ts'
import { needs } from '../support/service.ts'
import { open, opened, sharedDatabases, startStoreProcess } from '../support/store-process.ts'

const migrations = {
  '0001-things': async () => ({
    up: (knex: Database['db']) =>
      create(knex, 'things', (table) => {
        table.string('id', 36).primary()
        table.string('operation', 36)
        table.specificType('blob', 'mediumblob')
        table.text('text', 'mediumtext')
        table.bigInteger('moment')
      }),
  }),
}

const databases = sharedDatabases(migrations)
const urlOf = (kind: string) => databases.find(({ name }) => name === kind)?.url() as Promise<string>

const outage = { code: 'temporarily_unavailable', help: 'unavailable', retryAfter: 10 }

/** Decides a thing once: 1 for one operation and its reruns, 0 for all others. */
const decide = (id: string, operation: string) => (db: Database['db']) =>
  db('things')
    .where({ id })
    .where((row) => row.whereNull('operation').orWhere({ operation }))
    .update({ operation })

for (const { name, url } of databases) {
  test(`${name}: what goes in comes out alike: blobs as Buffer, moments as numbers, a missing value as null`, async (t) => {
    const { db } = await opened(t, await url())
    const row = { id: 'alike', operation: null, blob: randomBytes(70_000), text: 'ÄÖ € 🪪\\\'"', moment: Date.now() }
    await db('things').insert([row, { id: 'alike 2' }])
    const found = await db('things').where({ id: 'alike' }).first()
    t.true(Buffer.isBuffer(found.blob))
    t.deepEqual(found, row)
    t.is((await db('things').where({ text: row.text }).first()).id, 'alike')
    t.like(await db('things').where({ id: 'alike 2' }).first(), { blob: null, text: null, moment: null })
    t.deepEqual(await db('things').where('id', 'like', 'alike%').count({ n: '*' }), [{ n: 2 }])
  })

  test(`${name}: a decision counts the row it finds, also when nothing changes, and no other operation finds it`, async (t) => {
    const { db } = await opened(t, await url())
    await db('things').insert({ id: 'decided' })
    t.is(await decide('decided', 'mine')(db), 1)
    t.is(await decide('decided', 'mine')(db), 1)
    t.is(await decide('decided', 'other')(db), 0)
  })

  test(`${name}: names that differ in case only are two`, async (t) => {
    const { db } = await opened(t, await url())
    t.true(await insertOnce(db, 'things', { id: 'abcDEF', operation: 'a' }))
    t.true(await insertOnce(db, 'things', { id: 'ABCdef', operation: 'b' }))
    t.is((await db('things').where({ id: 'ABCdef' }).first()).operation, 'b')
  })

  test(`${name}: of ten inserts of one key at once one is told that it was first`, async (t) => {
    const database = await opened(t, await url())
    const insert = () => database.run((db) => insertOnce(db, 'things', { id: 'inserted once' }))
    const firsts = await Promise.all(Array.from({ length: 10 }, insert))
    t.is(firsts.filter(Boolean).length, 1)
  })

  test(`${name}: of ten decisions at once one is taken`, async (t) => {
    const database = await opened(t, await url())
    await database.db('things').insert({ id: 'raced' })
    const race = Array.from({ length: 10 }, (_, caller) => database.inTransaction(decide('raced', `caller ${caller}`)))
    t.is((await Promise.all(race)).filter((found) => found === 1).length, 1)
  })

  test(`${name}: a transaction that refuses leaves nothing behind`, async (t) => {
    const database = await opened(t, await url())
    const refusal = new ProtocolError('invalid_grant', 'no')
    const error = await t.throwsAsync(
      database.inTransaction(async (trx) => {
        await trx('things').insert({ id: 'left behind' })
        throw new Missed(refusal)
      }),
    )
    t.is(error, refusal)
    t.is(await database.db('things').where({ id: 'left behind' }).first(), undefined)
  })

  test(`${name}: a statement inside a transaction that forgot its trx fails at once and says so`, async (t) => {
    const database = await opened(t, await url())
    const forgets = () => database.run((db) => db('things').first())
    await t.throwsAsync(database.inTransaction(forgets), { message: /not given its trx/ })
    await t.notThrowsAsync(forgets(), 'afterwards it works')
  })

  test(`${name}: no error of the database carries a value`, async (t) => {
    const database = await opened(t, await url())
    const row = { id: 'value-of-the-id', operation: 'value-of-the-operation' }
    await database.db('things').insert(row)
    const statements = [
      database.run((db) => db('things').insert(row)),
      database.run((db) => db('things').insert({ ...row, nothing: 'value-of-nothing' })),
      database.inTransaction((trx) => trx('things').insert(row)),
      database.run((db) => db.raw('selct ? from things', ['value-of-a-mistake'])),
    ]
    for (const statement of statements) {
      const error = await t.throwsAsync(statement)
      t.notRegex(JSON.stringify({ ...error, message: error.message, stack: error.stack }), /value-of/)
    }
    t.true(isDuplicate(await statements[0]?.then(undefined, (error: unknown) => error)))
  })
}

test('SQLite: two processes that read and then write take turns, and none of 200 transactions fails', async (t) => {
  const url = await urlOf('SQLite')
  const { db } = await opened(t, url)
  await db('leases').insert({ name: 'counter', holder: 'a', until: 0 })
  const processes = await Promise.all([startStoreProcess(t, url, 'count'), startStoreProcess(t, url, 'count')])
  t.deepEqual(await Promise.all(processes.map((other) => other.do('100'))), ['100', '100'])
  t.is((await db('leases').where({ name: 'counter' }).first()).until, 200)
})

test.serial('SQLite: while another process writes, this one waits without stopping its event loop', async (t) => {
  const url = await urlOf('SQLite')
  const database = await opened(t, url)
  const other = await startStoreProcess(t, url, 'hold')
  t.is(await other.do('1500'), 'holding')
  let ticks = 0
  const timer = setInterval(() => ticks++, 10)
  await database.inTransaction((trx) => trx('things').insert({ id: 'waited' }))
  clearInterval(timer)
  t.true(ticks > 10, `the timer came ${ticks} times`)
  t.is(await other.next(), 'done')
})

test.serial('SQLite: a lock that is not released becomes an outage that can be retried', async (t) => {
  const url = await urlOf('SQLite')
  const database = await opened(t, url)
  const other = await startStoreProcess(t, url, 'hold')
  t.is(await other.do('60000'), 'holding')
  const write = () => database.run((db) => insertOnce(db, 'things', { id: 'locked out' }))
  t.like(await t.throwsAsync(write()), outage)
  await other.stop()
  t.true(await write())
})

needs('MariaDB')('MariaDB: of two transactions that deadlock both succeed in the end', async (t) => {
  const database = await opened(t, await urlOf('MariaDB'))
  await database.db('things').insert(['left', 'right'].map((id) => ({ id, moment: 0 })))
  let [runs, arrived] = [0, 0]
  const bothArrived = Promise.withResolvers<void>()
  const step = (first: string, second: string) =>
    database.inTransaction(async (trx) => {
      runs += 1
      await trx('things').where({ id: first }).increment('moment')
      arrived += 1
      if (arrived === 2) bothArrived.resolve()
      await bothArrived.promise
      await trx('things').where({ id: second }).increment('moment')
    })
  await Promise.all([step('left', 'right'), step('right', 'left')])
  t.is(runs, 3, 'the victim ran again')
  t.deepEqual(await database.db('things').whereIn('id', ['left', 'right']).pluck('moment'), [2, 2])
})

for (const when of ['before', 'after'] as const) {
  needs('MariaDB')(
    `MariaDB: a connection cut ${when} COMMIT reached the server spends nothing twice, and the caller succeeds`,
    async (t) => {
      const url = await urlOf('MariaDB')
      const proxy = await startCutProxy(url)
      t.teardown(proxy.stop)
      const database = await opened(t, proxy.url)
      const direct = await opened(t, url)
      const [id, yielded] = [`cut ${when}`, `yielded ${when}`]
      await direct.db('things').insert({ id })

      proxy.cutNextCommit(when)
      let runs = 0
      const inserted = await database.inTransaction(async (trx) => {
        runs += 1
        if ((await decide(id, 'operation 1')(trx)) !== 1) throw new Missed()
        return insertOnce(trx, 'things', { id: yielded })
      })
      t.is(proxy.cuts(), 1)
      t.is(runs, 2)
      t.is(inserted, when === 'before', 'the rerun finds its own row where the first run did commit')
      t.truthy(await direct.db('things').where({ id: yielded }).first())
      t.is(await decide(id, 'operation 2')(direct.db), 0)
    },
  )
}

needs('MariaDB')('MariaDB: a database that is gone is an outage that can be retried', async (t) => {
  const proxy = await startCutProxy(await urlOf('MariaDB'))
  const database = await opened(t, proxy.url)
  await proxy.stop()
  const answers = [
    database.run((db) => db('things').first()),
    database.ask((db) => db('things').first()),
    database.inTransaction((trx) => trx('things').first()),
    database.ping(),
    open(proxy.url),
  ]
  for (const answer of await Promise.allSettled(answers)) t.like(answer, { status: 'rejected', reason: outage })
})

needs('MariaDB')('MariaDB: an outage of a second is bridged', async (t) => {
  const url = await urlOf('MariaDB')
  const proxy = await startCutProxy(url)
  const database = await opened(t, proxy.url)
  await proxy.stop()
  const question = (db: Database['db']) => db('things').where({ id: 'nothing' })
  const answers = Promise.all([database.run(question), database.ask(question), database.inTransaction(question)])
  await pause(700)
  const again = await startCutProxy(url, Number(new URL(proxy.url).port))
  t.teardown(again.stop)
  t.deepEqual(await answers, [[], [], []])
})

needs('MariaDB')(
  'MariaDB: a server that takes a statement and never answers is an outage after ten seconds',
  async (t) => {
    const proxy = await startCutProxy(await urlOf('MariaDB'))
    const database = await opened(t, proxy.url)
    proxy.freeze()
    const begun = performance.now()
    t.like(await t.throwsAsync(database.run((db) => db('things').first())), outage)
    t.true(performance.now() - begun < 30_000)
    await proxy.stop()
  },
)

needs('MariaDB')('MariaDB: a wrong password or an unknown parameter is a mistake, not an outage', async (t) => {
  const url = new URL(addressOf('MariaDB'))
  url.password = 'wrong'
  t.like(await t.throwsAsync(open(url.href)), { code: 'ER_ACCESS_DENIED_ERROR' })
  await t.throwsAsync(open(`${addressOf('MariaDB')}?ssl_ca=x.pem`), { message: /unknown parameter ssl_ca/ })
  await t.throwsAsync(open('postgres://localhost/x'), { message: /sqlite: nor mysql/ })
})

needs('Galera')('Galera: what one member committed is never missed at another', async (t) => {
  const [first = '', second = ''] = await newGalera()
  const [writer, reader] = [await opened(t, first), await opened(t, second)]
  await writer.migrate(migrations)
  for (let time = 0; time < 200; time++) {
    const id = `row ${time}`
    await writer.run((db) => insertOnce(db, 'things', { id }))
    t.truthy(await reader.ask((db) => db('things').where({ id }).first()))
    const other = `other row ${time}`
    await writer.run((db) => insertOnce(db, 'things', { id: other }))
    await reader.inTransaction(async (trx) => {
      if ((await decide(other, 'reader')(trx)) !== 1) throw new Missed()
    })
  }
})

needs('Galera')(
  'Galera: of ten decisions at two members one is taken, though COMMIT is where the others fail',
  async (t) => {
    const [first = '', second = ''] = await newGalera()
    const [one, two] = [await opened(t, first), await opened(t, second)]
    await one.migrate(migrations)
    for (let time = 0; time < 10; time++) {
      const id = `raced ${time}`
      await one.run((db) => insertOnce(db, 'things', { id }))
      await two.ask((db) => db('things').where({ id }).first())
      const race = Array.from({ length: 10 }, (_, caller) =>
        (caller % 2 === 0 ? one : two).inTransaction(decide(id, `caller ${caller}`)),
      )
      t.is((await Promise.all(race)).filter((found) => found === 1).length, 1)
    }
  },
)

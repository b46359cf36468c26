import { setTimeout as pause } from 'node:timers/promises'
import type { Knex } from 'knex'
import type { Database, Migrations } from './database.ts'
import { releaseLease, renewLease, takeLease } from './leases.ts'
import { create } from './migrations/shape.ts'

const lease = 'migrations'
const leaseSeconds = 30

/** knex's migrator over a list by name. Names that only the database knows are a newer version's: two versions may share it. */
const migratorOf = (db: Knex, migrations: Migrations) => ({
  migrationSource: {
    getMigrations: async () => Object.keys(migrations),
    getMigrationName: (name: unknown) => name as string,
    getMigration: async (name: unknown): Promise<Knex.Migration> => {
      const migration = await migrations[name as string]?.()
      if (!migration) throw new Error(`There is no migration ${name}`)
      return { up: migration.up, down: migration.down ?? (() => Promise.reject(new Error(`${name} has no way back`))) }
    },
  },
  disableMigrationsListValidation: true,
  // On MySQL every DDL statement commits, so a transaction around them would promise what it cannot keep.
  disableTransactions: db.client.dialect === 'mysql',
})

/** The lease has to be there before the first migration, so this table comes first, and twice at once if two nodes start. */
async function makeLeases(db: Knex): Promise<void> {
  try {
    await create(db, 'leases', (table) => {
      table.string('name', 100).primary()
      table.string('holder', 64).notNullable()
      table.bigInteger('until').notNullable()
    })
  } catch (error) {
    if (!(await db.schema.hasTable('leases'))) throw error
  }
}

type Settings = { database: Database; clock: () => Date; holder: string; log: (line: string) => void }

/**
 * Brings the schema behind `db` up to date, one node at a time under the lease `migrations`; other nodes wait until there is
 * nothing left to do. A holder that died is followed after 30 s, at the migration it had not finished. Throws what the
 * migration threw.
 */
export async function migrate(db: Knex, migrations: Migrations, settings: Settings): Promise<void> {
  const { database, clock, holder, log } = settings
  await makeLeases(db)
  for (let waiting = false; !(await takeLease(database, lease, holder, leaseSeconds, clock())); waiting = true) {
    if (!waiting) log('Another node migrates the database; waiting for it')
    await pause(250)
    if (await database.isMigrated(migrations)) return
  }
  const renewal = setInterval(() => {
    renewLease(database, lease, holder, leaseSeconds, clock()).catch(() => undefined) // an outage fails the migration itself
  }, leaseSeconds * 200)
  try {
    const migrator = migratorOf(db, migrations)
    await db.migrate.forceFreeMigrationsLock(migrator) // knex's own, which a killed node leaves locked for ever
    const [, names] = (await db.migrate.latest(migrator)) as [number, string[]]
    for (const name of names) log(`Migrated the database: ${name}`)
  } finally {
    clearInterval(renewal)
    await releaseLease(database, lease, holder)
  }
}

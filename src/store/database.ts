import type { Knex } from 'knex'
import { type CausalReads, causally, findCausalReads } from './cluster.ts'
import { connect } from './connect.ts'
import { migrate } from './migrate.ts'
import { outward, withRetries } from './retry.ts'
import { insideTransaction } from './scope.ts'

export type Queryable = Knex | Knex.Transaction

/** Migrations by name, in the order in which they run. */
export type Migrations = Record<string, () => Promise<Knex.Migration>>

/** The database as the tables reach it. An outage that retries do not bridge is `temporarily_unavailable` everywhere. */
export type Database = {
  kind: 'sqlite' | 'mysql'
  db: Knex
  /** Runs `work` in a transaction, again when it deadlocked, failed certification or lost its connection, also at COMMIT: so work is repeatable. */
  inTransaction<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T>
  /** Runs one statement outside a transaction with the same retries. */
  run<T>(work: (db: Knex) => Promise<T>): Promise<T>
  /**
   * A miss is not a no: in a cluster an empty answer (undefined, null, false, 0, []) is asked for once more with causal reads. A
   * `fresh` one is asked for with causal reads at once: for rows that change from step to step, where an old one is no miss.
   */
  ask<T>(question: (db: Queryable) => Promise<T>, options?: { fresh?: boolean }): Promise<T>
  /** Brings the schema up to date, one node at a time. */
  migrate(migrations: Migrations, log?: (line: string) => void): Promise<void>
  isMigrated(migrations: Migrations): Promise<boolean>
  /** Answers if the database does, and has its tables. One try, for a health check wants to know now. */
  ping(): Promise<void>
  close(): Promise<void>
}

/**
 * A deciding UPDATE found nothing: thrown inside `inTransaction`, which in a cluster tries once more with causal reads. When it
 * is a no after all, `refusal` is thrown in its place, or this error if there is none.
 */
export class Missed extends Error {
  readonly refusal: Error | undefined

  constructor(refusal?: Error) {
    super(refusal?.message ?? 'A deciding UPDATE found nothing')
    this.name = 'Missed'
    this.refusal = refusal
  }
}

type Options = { clock: () => Date; random: (bytes: number) => Buffer }

const isEmpty = (answer: unknown) => !answer || (Array.isArray(answer) && answer.length === 0)

/**
 * Opens the database of a `sqlite:PATH` or `mysql://…` URL (parameters: mysql.ts).
 * Throws `temporarily_unavailable` when no server answers.
 */
export async function openDatabase(url: string, { clock, random }: Options): Promise<Database> {
  const db = connect(url)
  const kind = db.client.dialect === 'mysql' ? 'mysql' : 'sqlite'
  let reads: CausalReads | undefined
  const holder = random(16).toString('hex')

  const transact = <T>(work: (trx: Knex.Transaction) => Promise<T>, connection?: unknown): Promise<T> =>
    db.transaction((trx) => insideTransaction(() => work(trx)), connection === undefined ? {} : { connection })

  const database: Database = {
    kind,
    db,

    async inTransaction(work) {
      try {
        return await withRetries(() => transact(work))
      } catch (error) {
        if (!(error instanceof Missed)) throw error
        const causal = reads
        if (!causal) throw error.refusal ?? error
        return withRetries(() => causally(db, causal, (connection) => transact(work, connection))).catch((again) => {
          throw again instanceof Missed ? (again.refusal ?? again) : again
        })
      }
    },

    run: (work) => withRetries(() => work(db)),

    async ask(question, { fresh = false } = {}) {
      const causal = reads
      if (!causal || !fresh) {
        const answer = await withRetries(() => question(db))
        if (!causal || !isEmpty(answer)) return answer
      }
      return withRetries(() => causally(db, causal, (connection) => transact(question, connection)))
    },

    async migrate(migrations, log = () => {}) {
      if (await database.isMigrated(migrations)) return
      const patient = kind === 'mysql' ? connect(url, { patient: true }) : db
      try {
        await migrate(patient, migrations, { database, clock, holder, log })
      } catch (error) {
        throw outward(error)
      } finally {
        if (patient !== db) await patient.destroy()
      }
    },

    isMigrated: (migrations) =>
      database.run(async () => {
        if (!(await db.schema.hasTable('knex_migrations'))) return false
        const done = new Set(await db('knex_migrations').pluck('name'))
        return Object.keys(migrations).every((name) => done.has(name))
      }),

    async ping() {
      try {
        await db('leases').first('name')
      } catch (error) {
        throw outward(error)
      }
    },

    close: () => db.destroy(),
  }
  try {
    reads = kind === 'mysql' ? await database.run(findCausalReads) : undefined
  } catch (error) {
    await db.destroy()
    throw error
  }
  return database
}

/** Whether a unique key was violated: SQLite 1555 (primary key) and 2067 (unique), MySQL 1062. */
export function isDuplicate(error: unknown): boolean {
  const { errcode, errno } = (error ?? {}) as { errcode?: number; errno?: number }
  return errcode === 1555 || errcode === 2067 || errno === 1062
}

/** Inserts a row that may be there already, from this caller's first try: true if inserted, false if a unique key has it. */
export async function insertOnce(db: Queryable, table: string, row: object): Promise<boolean> {
  try {
    await db(table).insert(row)
    return true
  } catch (error) {
    if (isDuplicate(error)) return false
    throw error
  }
}

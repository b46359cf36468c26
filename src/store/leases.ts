import type { Knex } from 'knex'
import type { Database } from './database.ts'

type Runs = Pick<Database, 'run'>

/**
 * Takes the lease `name` for `holder` until `now` + `seconds`: true if it was free, expired or the holder's own. Decided by
 * one conditional UPDATE or the primary key, for server locks such as GET_LOCK do not span a cluster.
 */
export const takeLease = (database: Runs, name: string, holder: string, seconds: number, now: Date): Promise<boolean> =>
  database.run(async (db) => {
    const until = now.getTime() + seconds * 1000
    const mine = (row: Knex.QueryBuilder) => row.where('until', '<=', now.getTime()).orWhere({ holder })
    if ((await db('leases').where({ name }).where(mine).update({ holder, until })) === 1) return true
    await db('leases').insert({ name, holder, until }).onConflict('name').ignore()
    return (await db('leases').where({ name, holder }).first('name')) !== undefined
  })

/** Prolongs a lease: false if another holder has it now, and the work it stands for must stop. */
export const renewLease = (
  database: Runs,
  name: string,
  holder: string,
  seconds: number,
  now: Date,
): Promise<boolean> =>
  database.run(async (db) => {
    const until = now.getTime() + seconds * 1000
    return (await db('leases').where({ name, holder }).update({ until })) === 1
  })

/** Gives a lease back, if the holder still has it. */
export const releaseLease = (database: Runs, name: string, holder: string): Promise<void> =>
  database.run(async (db) => {
    await db('leases').where({ name, holder }).delete()
  })

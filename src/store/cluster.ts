import type { Knex } from 'knex'

/** How a session of a cluster's member is told to wait for what other members have committed, and how it forgets it. */
export type CausalReads = { on: string; off: string }

const galera = { on: 'SET SESSION wsrep_sync_wait = 7', off: 'SET SESSION wsrep_sync_wait = DEFAULT' }
const groupReplication = {
  on: `SET SESSION group_replication_consistency = 'BEFORE'`,
  off: 'SET SESSION group_replication_consistency = DEFAULT',
}

/** Undefined where the database is one server, or a cluster whose reads are causal anyway. */
export async function findCausalReads(db: Knex): Promise<CausalReads | undefined> {
  const names = `'wsrep_on', 'group_replication_group_name'`
  const [rows] = await db.raw(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`)
  const variables = new Map(
    (rows as { Variable_name: string; Value: string }[]).map((row) => [row.Variable_name, row.Value]),
  )
  if (variables.get('wsrep_on') === 'ON') return galera
  return variables.get('group_replication_group_name') ? groupReplication : undefined
}

/** Hands `work` a connection that sees everything committed before. The wait is at BEGIN; inside a transaction there is none. */
export async function causally<T>(db: Knex, reads: CausalReads, work: (connection: unknown) => Promise<T>): Promise<T> {
  const connection: unknown = await db.client.acquireConnection()
  try {
    await db.raw(reads.on).connection(connection)
    try {
      return await work(connection)
    } finally {
      await db.raw(reads.off).connection(connection)
    }
  } finally {
    await db.client.releaseConnection(connection)
  }
}

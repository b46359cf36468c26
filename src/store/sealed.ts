import type { Database } from './database.ts'
import { decrypt, derive, encrypt, makeSealer, type Sealer } from './sealer.ts'

export type { Place, Sealer } from './sealer.ts'

const purposes = ['seal', 'index', 'mac'] as const
type Purpose = (typeof purposes)[number]
type Row = { tenant_id: string; purpose: Purpose; key_id: string; wrapped: Buffer; created_at: number }

/** The data keys of this database were wrapped with another secret. */
export class OtherSecret extends Error {
  constructor() {
    super('The data keys in this database were made under another CLAIMGATE_SECRET')
  }
}

/** Hands out the sealers of tenants; `''` is the platform's. */
export type Vault = {
  /** Makes a tenant's data keys at first need. Throws `OtherSecret`. */
  of(tenantId: string): Promise<Sealer>
  /** Wraps anew whatever the previous secret still wraps, and says how many keys; then that secret can go. */
  rewrap(): Promise<number>
}

type Settings = {
  database: Pick<Database, 'ask' | 'run'>
  /** CLAIMGATE_SECRET: wraps the data keys and does nothing else. */
  secret: Buffer
  previousSecret?: Buffer | undefined
  random: (bytes: number) => Buffer
  clock: () => Date
}

const wrapVersion = 1
const refreshMillis = 30_000

/** The data keys of table `data_keys`: one per tenant and purpose, random, wrapped with AES-256-GCM under the secret. */
export function makeVault({ database, secret, previousSecret, random, clock }: Settings): Vault {
  const wrappingKeyOf = (from: Buffer) => {
    if (from.length < 32) throw new Error('CLAIMGATE_SECRET has to have 32 bytes at least')
    return derive(from, 'data key wrapping')
  }
  const wrapping = wrappingKeyOf(secret)
  const previous = previousSecret && wrappingKeyOf(previousSecret)
  const known = new Map<string, { unwrapped: Map<string, Buffer>; sealer: Sealer; readAt: number }>()
  const reading = new Map<string, Promise<Sealer>>()

  const contextOf = (row: Omit<Row, 'wrapped' | 'created_at'>) =>
    JSON.stringify([row.tenant_id, row.purpose, row.key_id])
  const wrap = (row: Omit<Row, 'wrapped' | 'created_at'>, key: Buffer) =>
    Buffer.concat([Buffer.from([wrapVersion]), encrypt(wrapping, contextOf(row), key, random(12))])
  const unwrap = (row: Row, under: Buffer) =>
    row.wrapped[0] === wrapVersion ? decrypt(under, contextOf(row), row.wrapped.subarray(1)) : undefined

  async function keyOf(row: Row): Promise<Buffer> {
    const key = unwrap(row, wrapping)
    if (key) return key
    const old = previous && unwrap(row, previous)
    if (!old) throw new OtherSecret()
    const { tenant_id, purpose, key_id, wrapped } = row
    await database.run((db) =>
      // only what was read: another node may have been quicker, or the key may have been deleted
      db('data_keys')
        .where({ tenant_id, purpose, key_id, wrapped })
        .update({ wrapped: wrap(row, old) }),
    )
    return old
  }

  /** The first key of a purpose has the same id on every node, so that of two nodes that race for it one inserts and both read. */
  async function read(tenantId: string, purpose: Purpose): Promise<Row[]> {
    const row = { tenant_id: tenantId, purpose, key_id: '1' }
    const ask = (): Promise<Row[]> =>
      database.ask((db) => db('data_keys').where({ tenant_id: tenantId, purpose }).orderBy(['created_at', 'key_id']))
    const rows = await ask()
    if (rows.length > 0) return rows
    const first = { ...row, wrapped: wrap(row, random(32)), created_at: clock().getTime() }
    await database.run((db) => db('data_keys').insert(first).onConflict(['tenant_id', 'purpose', 'key_id']).ignore())
    return ask()
  }

  async function load(tenantId: string): Promise<Sealer> {
    const before = known.get(tenantId)?.unwrapped
    const unwrapped = new Map<string, Buffer>()
    const keys = { seal: new Map<string, Buffer>(), index: new Map<string, Buffer>(), mac: new Map<string, Buffer>() }
    for (const purpose of purposes) {
      for (const row of await read(tenantId, purpose)) {
        // A key already in memory is not unwrapped again: a node with a newer secret may have rewrapped it.
        const name = `${purpose} ${row.key_id} ${row.created_at}`
        const key = before?.get(name) ?? (await keyOf(row))
        unwrapped.set(name, key)
        keys[purpose].set(row.key_id, key)
      }
    }
    const sealer = makeSealer(tenantId, keys, random)
    known.set(tenantId, { unwrapped, sealer, readAt: clock().getTime() })
    return sealer
  }

  const loadOnce = (tenantId: string): Promise<Sealer> => {
    const loading = reading.get(tenantId) ?? load(tenantId).finally(() => reading.delete(tenantId))
    reading.set(tenantId, loading)
    return loading
  }

  return {
    async of(tenantId) {
      const entry = known.get(tenantId)
      if (!entry) return loadOnce(tenantId)
      // Behind the caller's back: what other nodes added or deleted is noticed, and an outage stops nobody who has the keys.
      if (clock().getTime() - entry.readAt > refreshMillis) loadOnce(tenantId).catch(() => undefined)
      return entry.sealer
    },

    async rewrap() {
      const rows: Row[] = await database.ask((db) => db('data_keys').select())
      const old = rows.filter((row) => !unwrap(row, wrapping))
      for (const row of old) await keyOf(row)
      return old.length
    },
  }
}

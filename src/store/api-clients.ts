import { type Ask, date, parsed } from './ask.ts'

export type StoredApiClient = { tenantId: string; id: string; role: 'administrator' | 'offers'; expiresAt: Date }

/** API keys, stored hashed. They are looked up at every call, never cached: a revoked key stops at once. */
export const apiClients = (ask: Ask) => ({
  findByKey: (tenantId: string, keyHash: string): Promise<StoredApiClient | undefined> =>
    ask(async (db) => {
      const row = await db('api_clients')
        .where({ tenant_id: tenantId, key_hash: keyHash })
        .whereNull('revoked_at')
        .first()
      return (
        row && {
          tenantId,
          id: String(row.id),
          role: row.role as StoredApiClient['role'],
          expiresAt: date(row.expires_at),
        }
      )
    }),

  /** With what `apply` compares; no key is in it. */
  list: (tenantId: string): Promise<(StoredApiClient & { keyHash: string; settings: unknown })[]> =>
    ask(async (db) =>
      (await db('api_clients').where({ tenant_id: tenantId }).orderBy('id')).map((row) => ({
        tenantId,
        id: String(row.id),
        role: row.role as StoredApiClient['role'],
        expiresAt: date(row.expires_at),
        keyHash: String(row.key_hash),
        settings: parsed<unknown>(row.settings),
      })),
    ),

  /** At most once a minute, so that a busy client does not make its row hot. */
  noteUse: (tenantId: string, id: string, now: Date): Promise<unknown> =>
    ask((db) =>
      db('api_clients')
        .where({ tenant_id: tenantId, id })
        .where((row) => row.whereNull('last_used_at').orWhere('last_used_at', '<', now.getTime() - 60_000))
        .update({ last_used_at: now.getTime() }),
    ),
})

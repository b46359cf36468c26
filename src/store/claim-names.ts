import { type Ask, date } from './ask.ts'

/** A name of a claim that a provider was seen to send, and the day on which it last was. */
export type ClaimName = { path: string; seenAt: Date }

/** Names, never values, of what the providers of a tenant say of people. */
export const claimNames = (ask: Ask) => ({
  list: (tenantId: string, identityProvider: string): Promise<ClaimName[]> =>
    ask(async (db) => {
      const mine = { tenant_id: tenantId, identity_provider: identityProvider }
      const rows = await db('claim_names').where(mine).orderBy('path')
      return rows.map((row) => ({ path: String(row.path), seenAt: date(row.seen_at) }))
    }),

  /** In one statement, and in one order, so that two nodes do not wait for each other. */
  note: (tenantId: string, identityProvider: string, paths: readonly string[], day: Date): Promise<unknown> =>
    ask((db) =>
      db('claim_names')
        .insert(
          paths.toSorted().map((path) => ({
            tenant_id: tenantId,
            identity_provider: identityProvider,
            path,
            seen_at: day.getTime(),
          })),
        )
        .onConflict(['tenant_id', 'identity_provider', 'path'])
        .merge(['seen_at']),
    ),
})

import type { Ask } from './ask.ts'

const dayMs = 86_400_000

/** What is deleted, and how long after it expired. Credentials, copies, events and offers stay: they are the record, and hold no claims. */
const shortLived: [table: string, keepMs: number][] = [
  ['authorization_requests', dayMs],
  ['sign_ins', dayMs],
  ['tokens', dayMs],
  ['nonce_uses', 0],
  ['used_once', 0],
  ['encryption_keys', 0],
]

/**
 * Deletes what has expired and wipes the claims of grants whose session has ended. A grant that lives on only for what waits, or for
 * nothing but to be revoked, keeps its claims no longer than something waits.
 */
export const purge =
  (ask: Ask) =>
  async (now: Date): Promise<void> => {
    for (const [table, keepMs] of shortLived) {
      await ask((db) =>
        db(table)
          .where('expires_at', '<', now.getTime() - keepMs)
          .delete(),
      )
    }
    // What came of a test holds what a person is: it goes when its time is over.
    await ask((db) => db('sign_ins').whereNotNull('tested_by').where('expires_at', '<', now.getTime()).delete())
    // Of any other only that there was one stays, so that who comes back late is told so.
    await ask((db) =>
      db('sign_ins')
        .where('expires_at', '<', now.getTime())
        .where((row) => row.whereNotNull('result_sealed').orWhereNotNull('memory_sealed'))
        .update({ result_sealed: null, memory_sealed: null }),
    )
    await ask((db) =>
      db('claim_names')
        .where('seen_at', '<', now.getTime() - 180 * dayMs)
        .delete(),
    )
    const wiped = Buffer.alloc(0)
    await ask((db) =>
      db('grants')
        .where('expires_at', '<', now.getTime())
        .where((row) => row.whereNot('claims_sealed', wiped).orWhereNotNull('renewal_sealed'))
        .update({ claims_sealed: wiped, renewal_sealed: null }),
    )
    await ask((db) =>
      db('grants')
        .where('expires_at', '>=', now.getTime())
        .where('claims_until', '<', now.getTime())
        .whereNot('claims_sealed', wiped)
        .whereNotExists(
          db('deferred_credentials')
            .whereRaw('deferred_credentials.grant_id = grants.id')
            .whereNull('ended_at')
            .where('deferred_credentials.expires_at', '>', now.getTime())
            .select('id'),
        )
        .update({ claims_sealed: wiped }),
    )
    await ask((db) =>
      db('deferred_credentials')
        .where('expires_at', '<', now.getTime())
        .whereNotNull('transaction_sealed')
        .update({ transaction_sealed: null, holder_keys: null }),
    )
  }

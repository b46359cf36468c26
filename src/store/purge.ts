import type { Ask } from './ask.ts'

const dayMs = 86_400_000

/** What is deleted, and how long after it expired. Credentials, copies, events and offers stay: they are the record, and hold no claims. */
const shortLived: [table: string, keepMs: number][] = [
  ['authorization_requests', dayMs],
  ['sign_ins', dayMs],
  ['tokens', dayMs],
  ['nonce_uses', 0],
  ['used_once', 0],
]

/** Deletes what has expired and wipes the claims of grants whose session has ended. */
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
    const wiped = Buffer.alloc(0)
    await ask((db) =>
      db('grants')
        .where('expires_at', '<', now.getTime())
        .whereNot('claims_sealed', wiped)
        .update({ claims_sealed: wiped }),
    )
  }

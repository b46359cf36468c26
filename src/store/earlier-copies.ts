import { type Ask, type Owner, ownedBy } from './ask.ts'

/** As status lists have it. */
const invalid = 1

/** Copies of a credential that was issued anew since. */
export const earlierCopies = (ask: Ask) => ({
  /** Revokes the copies that were made before a moment: how many, which is none for a rerun. Their lists are published anew. */
  revoke: (owner: Owner, credentialId: string, before: Date, now: Date): Promise<number> =>
    ask(async (db) => {
      const earlier = () =>
        db('copies')
          .where({ ...ownedBy(owner), credential_id: credentialId })
          .where('created_at', '<', before.getTime())
          .whereNot('status', invalid)
      const lists = await earlier().whereNotNull('status_list').distinct('status_list').pluck('status_list')
      const revoked = await earlier().update({ status: invalid })
      await db('status_lists')
        .where(ownedBy(owner))
        .whereIn('id', lists)
        .update({ version: db.raw('version + 1'), changed_at: now.getTime() })
      return revoked
    }),
})

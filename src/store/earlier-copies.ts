import { type Ask, type Owner, ownedBy } from './ask.ts'
import { copyValue, countChange } from './status-lists.ts'

/** Copies of a credential that was issued anew since. */
export const earlierCopies = (ask: Ask) => ({
  /** Revokes the copies that were made before a moment: how many, which is none for a rerun. Their lists are published anew. */
  revoke: (owner: Owner, credentialId: string, before: Date, now: Date): Promise<number> =>
    ask(async (db) => {
      const earlier = () =>
        db('copies')
          .where({ ...ownedBy(owner), credential_id: credentialId })
          .where('created_at', '<', before.getTime())
          .whereNot('status', copyValue.invalid)
      const lists = await earlier().whereNotNull('status_list').distinct('status_list').pluck('status_list')
      const revoked = await earlier().update({ status: copyValue.invalid })
      if (lists.length > 0) await countChange(db, owner, lists, now)
      return revoked
    }),
})

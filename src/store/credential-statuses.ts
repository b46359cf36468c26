import { type Ask, type Owner, ownedBy } from './ask.ts'
import {
  type CredentialFilter,
  changing,
  matching,
  type NewStatus,
  readStated,
  type StatedCredential,
  stated,
} from './credential-rows.ts'
import type { Queryable } from './database.ts'
import { copyValue, countChange } from './status-lists.ts'

/** Copies that were revoked on their own stay so when the credential is suspended and comes back. */
const copiesBefore = {
  valid: [copyValue.suspended],
  invalid: [copyValue.valid, copyValue.suspended],
  suspended: [copyValue.valid],
}

/** Sets copies, and the lists that they stand in have changed. */
async function setCopies(db: Queryable, owner: Owner, ids: string[], { status }: NewStatus, now: Date): Promise<void> {
  const copies = () => db('copies').where(ownedBy(owner)).whereIn('credential_id', ids)
  if ((await copies().whereIn('status', copiesBefore[status]).update({ status: copyValue[status] })) === 0) return
  const lists = await copies().whereNotNull('status_list').distinct().pluck('status_list')
  await countChange(db, owner, lists, now)
}

/** What becomes of credentials after they were issued. */
export const credentialStatuses = (ask: Ask) => ({
  find: (owner: Owner, id: string): Promise<StatedCredential | undefined> =>
    ask(async (db) => {
      const row = await matching(db, owner, {}).where({ id }).first(stated(db))
      return row && readStated(row)
    }),

  /** A page of them, the newest first; `before` is the id that the page before ended with. */
  list: (
    owner: Owner,
    filter: CredentialFilter,
    { before, limit }: { before: string | undefined; limit: number },
  ): Promise<StatedCredential[]> =>
    ask(async (db) => {
      const page = matching(db, owner, filter).orderBy('id', 'desc').limit(limit).select(stated(db))
      return (await (before ? page.where('id', '<', before) : page)).map(readStated)
    }),

  count: (owner: Owner, filter: CredentialFilter, newStatus?: NewStatus): Promise<number> =>
    ask(async (db) => {
      const some = newStatus ? changing(db, owner, newStatus, filter) : matching(db, owner, filter)
      return Number((await some.count({ n: '*' }).first())?.n ?? 0)
    }),

  /** The first of those that a new status changes anything of, after the id `after`. */
  listChanging: (
    owner: Owner,
    filter: CredentialFilter,
    newStatus: NewStatus,
    { after, limit }: { after: string | undefined; limit: number },
  ): Promise<{ id: string; sessionId: string; configurationId: string }[]> =>
    ask((db) => {
      const page = changing(db, owner, newStatus, filter).orderBy('id').limit(limit)
      const names = { id: 'id', sessionId: 'session_id', configurationId: 'configuration_id' }
      return (after ? page.where('id', '>', after) : page).select(names)
    }),

  /**
   * Gives credentials a status, and their copies with them, in a transaction. Answers the ids of those that this operation changed, also
   * to its rerun.
   */
  change: (owner: Owner, ids: string[], newStatus: NewStatus, operation: string, now: Date): Promise<string[]> =>
    ask(async (db) => {
      await changing(db, owner, newStatus)
        .whereIn('id', ids)
        .update({
          status: newStatus.status,
          status_reason: newStatus.reason ?? null,
          status_by: operation,
          status_changed_at: now.getTime(),
          suspended_until: newStatus.until?.getTime() ?? null,
        })
      const changed = await matching(db, owner, {}).whereIn('id', ids).where({ status_by: operation }).pluck('id')
      if (changed.length > 0) await setCopies(db, owner, changed, newStatus, now)
      return changed
    }),

  /** Suspensions, of any tenant, that have come to their end. */
  listDue: (
    now: Date,
    limit: number,
  ): Promise<(Owner & { id: string; sessionId: string; configurationId: string })[]> =>
    ask((db) => {
      const due = db('credentials').where('suspended_until', '<=', now.getTime()).where({ status: 'suspended' })
      const owner = { tenantId: 'tenant_id', issuerId: 'issuer_id' }
      const names = { ...owner, id: 'id', sessionId: 'session_id', configurationId: 'configuration_id' }
      return due.orderBy(['issuer_id', 'id']).limit(limit).select(names)
    }),
})

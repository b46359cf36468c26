import { type Ask, type Owner, ownedBy } from './ask.ts'
import { insertOnce, type Queryable } from './database.ts'
import {
  type Decision,
  type DeferredCredential,
  type DeferredState,
  type Keys,
  type NewDeferredCredential,
  ofState,
  over,
  readDeferred,
} from './deferred-row.ts'

/** With a grant ends what waits of it. */
export const endDeferralsOf = (db: Queryable, owner: Owner, grantId: string, now: Date): Promise<unknown> =>
  db('deferred_credentials')
    .where({ ...ownedBy(owner), grant_id: grantId })
    .whereNull('ended_at')
    .update(over(now))

export const deferredCredentials = (ask: Ask) => {
  const findBy = (owner: Owner, column: string, value: string): Promise<DeferredCredential | undefined> =>
    ask(async (db) => {
      const row = await db('deferred_credentials')
        .where({ ...ownedBy(owner), [column]: value })
        .first()
      return row && readDeferred(row)
    })

  return {
    find: (owner: Owner, id: string) => findBy(owner, 'id', id),
    findByCredential: (owner: Owner, credentialId: string) => findBy(owner, 'credential_id', credentialId),
    findByTransaction: (owner: Owner, hash: string) => findBy(owner, 'transaction_hash', hash),

    /** True for the first request of a credential, false when it waits already. */
    insert: (owner: Owner, deferred: NewDeferredCredential): Promise<boolean> =>
      ask((db) =>
        insertOnce(db, 'deferred_credentials', {
          ...ownedBy(owner),
          id: deferred.id,
          grant_id: deferred.grantId,
          session_id: deferred.sessionId,
          offer_id: deferred.offerId ?? null,
          credential_id: deferred.credentialId,
          configuration_id: deferred.configurationId,
          transaction_hash: deferred.transactionHash,
          transaction_sealed: deferred.transactionSealed,
          created_at: deferred.createdAt.getTime(),
          expires_at: deferred.expiresAt.getTime(),
        }),
      ),

    /** The keys that the copies will be bound to: those of the latest request. False if nothing waits. */
    setKeys: (owner: Owner, credentialId: string, keys: Keys, now: Date): Promise<boolean> =>
      ask(async (db) => {
        const waiting = db('deferred_credentials')
          .where({ ...ownedBy(owner), credential_id: credentialId })
          .whereNull('ended_at')
        return (
          (await waiting.where('expires_at', '>', now.getTime()).update({ holder_keys: JSON.stringify(keys) })) === 1
        )
      }),

    /**
     * The turn to ask again for what a credential waits for, until then: false while another has it. Where nothing waits yet, anybody may
     * ask. A rerun after a lost answer finds its turn taken, and the wallet comes again.
     */
    takeTurn: (owner: Owner, credentialId: string, now: Date, until: Date): Promise<boolean> =>
      ask(async (db) => {
        const waiting = db('deferred_credentials').where({ ...ownedBy(owner), credential_id: credentialId })
        const free = waiting
          .clone()
          .where((row) => row.whereNull('asked_until').orWhere('asked_until', '<=', now.getTime()))
        if ((await free.update({ asked_until: until.getTime() })) === 1) return true
        return (await waiting.first('id')) === undefined
      }),

    /** Decides once: true for exactly one operation (and its rerun), while the credential waits. */
    decide: (
      owner: Owner,
      id: string,
      { decision, reason, operation }: { decision: Decision; reason: string | undefined; operation: string },
      now: Date,
    ): Promise<boolean> =>
      ask(async (db) => {
        const of = { ...ownedBy(owner), id }
        if (
          await db('deferred_credentials')
            .where({ ...of, decided_by: operation })
            .first('id')
        )
          return true
        const decided = { decision, reason: reason ?? null, decided_by: operation, decided_at: now.getTime() }
        return (
          (await db('deferred_credentials')
            .where(of)
            .where(ofState('waiting', now.getTime()))
            .update({ ...decided, ...(decision === 'refused' && over(now)) })) === 1
        )
      }),

    /** Ends the transaction with the retrieval: true for exactly one operation, and its rerun. */
    collect: (owner: Owner, id: string, operation: string, now: Date): Promise<boolean> =>
      ask(async (db) => {
        const of = { ...ownedBy(owner), id }
        if (
          await db('deferred_credentials')
            .where({ ...of, collected_by: operation })
            .first('id')
        )
          return true
        const collected = { collected_by: operation, collected_at: now.getTime(), ...over(now) }
        const open = db('deferred_credentials').where(of).whereNull('ended_at').where('expires_at', '>', now.getTime())
        return (await open.update(collected)) === 1
      }),

    /** The newest first, from before an id on. */
    list: (
      owner: Owner,
      {
        state,
        before,
        limit,
        now,
      }: { state: DeferredState | undefined; before: string | undefined; limit: number; now: Date },
    ): Promise<DeferredCredential[]> =>
      ask(async (db) => {
        const rows = db('deferred_credentials').where(ownedBy(owner)).orderBy('id', 'desc').limit(limit)
        if (state) rows.where(ofState(state, now.getTime()))
        if (before !== undefined) rows.where('id', '<', before)
        return (await rows).map(readDeferred)
      }),
  }
}

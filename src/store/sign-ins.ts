import { type Ask, bytes, date, type Owner, ownedBy, text } from './ask.ts'
import { insertOnce } from './database.ts'

/** One person's sign-in in one browser; its id is the session's, unless the page of an offer asked for it. A new try replaces state and memory. */
export type StoredSignIn = Owner & {
  id: string
  cookieHash: string
  /** The offer whose page asked for it. */
  offerId: string | undefined
  /** The administrator who asked for it, to see what a provider says. */
  testedBy: string | undefined
  identityProvider: string | undefined
  memorySealed: Buffer | undefined
  callbackBy: string | undefined
  resultSealed: Buffer | undefined
  decision: 'approve' | 'deny' | undefined
  expiresAt: Date
}

const read = (row: Record<string, unknown>): StoredSignIn => ({
  tenantId: String(row.tenant_id),
  issuerId: String(row.issuer_id),
  id: String(row.id),
  cookieHash: String(row.cookie_hash),
  offerId: text(row.offer_id),
  testedBy: text(row.tested_by),
  identityProvider: text(row.identity_provider),
  memorySealed: bytes(row.memory_sealed),
  callbackBy: text(row.callback_by),
  resultSealed: bytes(row.result_sealed),
  decision: text(row.decision) as StoredSignIn['decision'],
  expiresAt: date(row.expires_at),
})

export const signIns = (ask: Ask) => ({
  insert: (
    owner: Owner,
    signIn: {
      id: string
      cookieHash: string
      offerId?: string
      testedBy?: string
      identityProvider?: string
      createdAt: Date
      expiresAt: Date
    },
  ): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'sign_ins', {
        ...ownedBy(owner),
        id: signIn.id,
        cookie_hash: signIn.cookieHash,
        offer_id: signIn.offerId ?? null,
        tested_by: signIn.testedBy ?? null,
        identity_provider: signIn.identityProvider ?? null,
        created_at: signIn.createdAt.getTime(),
        expires_at: signIn.expiresAt.getTime(),
      }),
    ),

  /** Fresh, for the step before may have been another node's: without its result the person would be sent to sign in again. */
  find: (owner: Owner, id: string): Promise<StoredSignIn | undefined> =>
    ask(
      async (db) => {
        const row = await db('sign_ins')
          .where({ ...ownedBy(owner), id })
          .first()
        return row && read(row)
      },
      { fresh: true },
    ),

  /** By the `state` of a callback: the tenant is known from the path, the issuer from the row. */
  findByState: (tenantId: string, stateHash: string): Promise<StoredSignIn | undefined> =>
    ask(async (db) => {
      const row = await db('sign_ins').where({ tenant_id: tenantId, state_hash: stateHash }).first()
      return row && read(row)
    }),

  /** The first browser that opens the link of a test has it from then on: true for exactly one cookie. */
  open: (owner: Owner, id: string, linkHash: string, cookieHash: string): Promise<boolean> =>
    ask(async (db) => {
      const mine = db('sign_ins')
        .where({ ...ownedBy(owner), id })
        .whereNotNull('tested_by')
        .whereIn('cookie_hash', [linkHash, cookieHash])
      return (await mine.update({ cookie_hash: cookieHash })) === 1
    }),

  /** A new try at a provider, with time of its own: forgets the one before. False once the person has decided. */
  begin: (
    owner: Owner,
    id: string,
    attempt: { identityProvider: string; stateHash: string; memorySealed: Buffer; expiresAt: Date },
  ): Promise<boolean> =>
    ask(async (db) => {
      const undecided = db('sign_ins')
        .where({ ...ownedBy(owner), id })
        .whereNull('decided_by')
      const changed = await undecided.update({
        identity_provider: attempt.identityProvider,
        state_hash: attempt.stateHash,
        memory_sealed: attempt.memorySealed,
        expires_at: attempt.expiresAt.getTime(),
        callback_by: null,
        result_sealed: null,
      })
      return changed === 1
    }),

  /** The callback of a try: true for exactly one operation. */
  takeCallback: (owner: Owner, id: string, stateHash: string, operation: string): Promise<boolean> =>
    ask(async (db) => {
      const mine = db('sign_ins')
        .where({ ...ownedBy(owner), id, state_hash: stateHash })
        .where((row) => row.whereNull('callback_by').orWhere('callback_by', operation))
      return (await mine.update({ callback_by: operation })) === 1
    }),

  /** What the sign-in gave, unless another try has begun meanwhile. */
  finish: (owner: Owner, id: string, operation: string, resultSealed: Buffer): Promise<boolean> =>
    ask(async (db) => {
      const mine = db('sign_ins').where({ ...ownedBy(owner), id, callback_by: operation })
      return (await mine.update({ result_sealed: resultSealed, memory_sealed: null })) === 1
    }),

  /** What came of a test, for as long as its administrator may see it. */
  keepTest: (
    owner: Owner,
    id: string,
    operation: string,
    { resultSealed, expiresAt }: { resultSealed: Buffer; expiresAt: Date },
  ): Promise<boolean> =>
    ask(async (db) => {
      const mine = db('sign_ins').where({ ...ownedBy(owner), id, callback_by: operation })
      const kept = { result_sealed: resultSealed, memory_sealed: null, expires_at: expiresAt.getTime() }
      return (await mine.update(kept)) === 1
    }),

  /** The person's decision: true for exactly one operation. What the sign-in gave is wiped with it. */
  decide: (owner: Owner, id: string, operation: string, decision: 'approve' | 'deny', now: Date): Promise<boolean> =>
    ask(async (db) => {
      const mine = db('sign_ins')
        .where({ ...ownedBy(owner), id })
        .where((row) => row.whereNull('decided_by').orWhere('decided_by', operation))
        .where('expires_at', '>', now.getTime())
      return (await mine.update({ decided_by: operation, decision, result_sealed: null, memory_sealed: null })) === 1
    }),
})

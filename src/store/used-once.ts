import { type Ask, type Owner, ownedBy } from './ask.ts'
import { insertOnce } from './database.ts'

/** What may be seen only once: `jti`s of DPoP proofs, client assertions and proofs of possession. Inserted on its own, before the work. */
export const usedOnce = (ask: Ask) => ({
  /** True for exactly one operation, and for its rerun after a lost connection. */
  use: (
    owner: Owner,
    purpose: 'dpop' | 'attestation' | 'assertion',
    hash: string,
    operation: string,
    expiresAt: Date,
  ): Promise<boolean> =>
    ask(async (db) => {
      const row = { ...ownedBy(owner), purpose, hash, used_by: operation, expires_at: expiresAt.getTime() }
      if (await insertOnce(db, 'used_once', row)) return true
      return (
        (await db('used_once')
          .where({ ...ownedBy(owner), purpose, hash, used_by: operation })
          .first('hash')) !== undefined
      )
    }),
})

/** A `c_nonce` belongs to the grant that first used it; that grant may use it again. */
export const nonceUses = (ask: Ask) => ({
  use: (owner: Owner, hash: string, grantId: string, expiresAt: Date): Promise<boolean> =>
    ask(async (db) => {
      const row = { ...ownedBy(owner), hash, grant_id: grantId, expires_at: expiresAt.getTime() }
      if (await insertOnce(db, 'nonce_uses', row)) return true
      return (
        (await db('nonce_uses')
          .where({ ...ownedBy(owner), hash, grant_id: grantId })
          .first('hash')) !== undefined
      )
    }),
})

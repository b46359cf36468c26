import { type Ask, bytes, type Owner, ownedBy } from './ask.ts'
import { insertOnce } from './database.ts'
import { endDeferralsOf } from './deferred-credentials.ts'
import { type Grant, type Lifetime, type NewGrant, readGrant } from './grant-row.ts'

export const grants = (ask: Ask) => ({
  insert: (owner: Owner, grant: NewGrant): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'grants', {
        ...ownedBy(owner),
        id: grant.id,
        session_id: grant.sessionId,
        kind: grant.kind,
        code_hash: grant.codeHash ?? null,
        client_id: grant.clientId ?? null,
        key_thumbprint: grant.keyThumbprint ?? null,
        attestation_key: grant.attestationKey ?? null,
        terms: JSON.stringify(grant.terms),
        claims_sealed: grant.claimsSealed,
        claims_until: grant.claimsUntil?.getTime() ?? null,
        renewal_sealed: grant.renewalSealed ?? null,
        person_index: grant.personIndex ?? null,
        offer_id: grant.offerId ?? null,
        redeemed_by: grant.redeemedBy ?? null,
        redeemed_at: grant.redeemedBy ? grant.createdAt.getTime() : null,
        created_at: grant.createdAt.getTime(),
        expires_at: grant.expiresAt.getTime(),
      }),
    ),

  findByCode: (owner: Owner, codeHash: string): Promise<Grant | undefined> =>
    ask(async (db) => {
      const row = await db('grants')
        .where({ ...ownedBy(owner), code_hash: codeHash })
        .first()
      return row && readGrant(row)
    }),

  /** By way of the sessions, which have an index on it: `offer_id` of a grant has none. */
  findByOffer: (owner: Owner, offerId: string): Promise<Grant[]> =>
    ask(async (db) => {
      const ofOffer = db('sessions')
        .where({ ...ownedBy(owner), offer_id: offerId })
        .select('id')
      return (
        await db('grants')
          .where({ ...ownedBy(owner), offer_id: offerId })
          .whereIn('session_id', ofOffer)
      ).map(readGrant)
    }),

  /** Spends the code: true for exactly one operation (and its rerun), in time. From then on the grant lives as long as its tokens. */
  redeem: (owner: Owner, id: string, operation: string, now: Date, lifetime: Lifetime): Promise<boolean> =>
    ask(async (db) => {
      // Two statements, for the rerun after a lost COMMIT finds the expiry already moved.
      if (
        await db('grants')
          .where({ ...ownedBy(owner), id, redeemed_by: operation })
          .whereNull('ended_at')
          .first('id')
      )
        return true
      const spendable = db('grants')
        .where({ ...ownedBy(owner), id })
        .whereNull('redeemed_by')
        .whereNull('ended_at')
        .where('expires_at', '>', now.getTime())
      const [expiresAt, claimsUntil] = [lifetime.expiresAt.getTime(), lifetime.claimsUntil.getTime()]
      const spent = { redeemed_by: operation, redeemed_at: now.getTime() }
      return (await spendable.update({ ...spent, expires_at: expiresAt, claims_until: claimsUntil })) === 1
    }),

  /** Ends what a grant yielded: its tokens stop working with it, nothing of it waits any more, and its claims are wiped. */
  end: (owner: Owner, id: string, now: Date): Promise<unknown> =>
    ask(async (db) => {
      await db('grants')
        .where({ ...ownedBy(owner), id })
        .whereNull('ended_at')
        .update({ ended_at: now.getTime(), claims_sealed: Buffer.alloc(0), renewal_sealed: null })
      await endDeferralsOf(db, owner, id, now)
    }),

  /** Its claims live on at least until then, if they are not wiped yet. */
  keepClaims: (owner: Owner, id: string, until: Date): Promise<unknown> =>
    ask((db) =>
      db('grants')
        .where({ ...ownedBy(owner), id })
        .where('claims_until', '<', until.getTime())
        .update({ claims_until: until.getTime() }),
    ),

  claims: (owner: Owner, id: string): Promise<Buffer | undefined> =>
    ask(async (db) =>
      bytes(
        (
          await db('grants')
            .where({ ...ownedBy(owner), id })
            .first('claims_sealed')
        )?.claims_sealed,
      ),
    ),

  /** Puts other claims in the place of these: false if something came between, or the grant has ended. Can be run again. */
  replaceClaims: (owner: Owner, id: string, before: Buffer, after: Buffer): Promise<boolean> =>
    ask(async (db) => {
      const open = db('grants')
        .where({ ...ownedBy(owner), id })
        .whereNull('ended_at')
        .whereIn('claims_sealed', [before, after])
      // MySQL counts rows that change, and a rerun changes none.
      await open.clone().update({ claims_sealed: after })
      const row = await db('grants')
        .where({ ...ownedBy(owner), id, claims_sealed: after })
        .first('id')
      return row !== undefined
    }),

  /** Counts copies against the issuer's cap: false if there would be too many, or if the grant has ended. */
  countCopies: (owner: Owner, id: string, copies: number, cap: number): Promise<boolean> =>
    ask(async (db) => {
      const open = db('grants')
        .where({ ...ownedBy(owner), id })
        .whereNull('ended_at')
        .where('copies', '<=', cap - copies)
      return (await open.update({ copies: db.raw('copies + ?', [copies]) })) === 1
    }),
})

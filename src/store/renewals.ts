import { type Ask, bytes, dateOrUndefined, type Owner, ownedBy } from './ask.ts'

/** What a renewal puts in the place of which claims; `until` is when these are wiped, `now` when it was. */
export type RenewedClaims = { before: Buffer; after: Buffer; until: Date; now: Date }
type StoredRenewal = { sealed: Buffer; claimsSealed: Buffer; renewedAt: Date | undefined }

/** The renewal of a grant's claims: one operation at a time, which is who took the lease last. */
export const renewals = (ask: Ask) => ({
  /** Takes the lease: true for one operation until then, or until it gives the lease back. Can be run again. */
  take: (owner: Owner, id: string, operation: string, now: Date, until: Date): Promise<boolean> =>
    ask(async (db) => {
      const free = db('grants')
        .where({ ...ownedBy(owner), id })
        .whereNull('ended_at')
        .where((row) => row.whereNull('renewing_until').orWhere('renewing_until', '<=', now.getTime()))
      await free.update({ renewing_by: operation, renewing_until: until.getTime() })
      const mine = db('grants').where({ ...ownedBy(owner), id, renewing_by: operation })
      return (await mine.first('id')) !== undefined
    }),

  /** What the way and the claims are now, and when it was gone last; undefined where there is none any more. */
  find: (owner: Owner, id: string): Promise<StoredRenewal | undefined> =>
    ask(async (db) => {
      const open = db('grants').where({ ...ownedBy(owner), id })
      const row = await open.whereNull('ended_at').first('renewal_sealed', 'claims_sealed', 'renewed_at')
      const sealed = bytes(row?.renewal_sealed)
      const claimsSealed = bytes(row?.claims_sealed) as Buffer
      return sealed && { sealed, claimsSealed, renewedAt: dateOrUndefined(row?.renewed_at) }
    }),

  /** Puts another way in the place of this one, for the operation that has the lease: false if another took it. Can be run again. */
  keep: (owner: Owner, id: string, operation: string, sealed: Buffer): Promise<boolean> =>
    ask(async (db) => {
      const mine = () => db('grants').where({ ...ownedBy(owner), id, renewing_by: operation })
      await mine().update({ renewal_sealed: sealed })
      return (await mine().first('id')) !== undefined
    }),

  /**
   * Gives the lease back, and what came of it counts: false if another took the lease, the grant has ended, or something else came between
   * the claims. Can be run again.
   */
  finish: (owner: Owner, id: string, operation: string, renewed: RenewedClaims): Promise<boolean> =>
    ask(async (db) => {
      const { before, after, until, now } = renewed
      const mine = () =>
        db('grants')
          .where({ ...ownedBy(owner), id, renewing_by: operation })
          .whereNull('ended_at')
      const claims = { claims_sealed: after, claims_until: until.getTime() }
      await mine()
        .whereIn('claims_sealed', [before, after])
        .update({ ...claims, renewing_until: null, renewed_at: now.getTime() })
      return (await mine().where({ claims_sealed: after }).first('id')) !== undefined
    }),

  /** Gives the lease back, and nothing came of it. */
  release: (owner: Owner, id: string, operation: string): Promise<unknown> =>
    ask((db) =>
      db('grants')
        .where({ ...ownedBy(owner), id, renewing_by: operation })
        .update({ renewing_until: null }),
    ),
})

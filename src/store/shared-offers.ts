import { type Ask, bytes, date, dateOrUndefined, type Owner, ownedBy, parsed } from './ask.ts'
import { insertOnce } from './database.ts'
import type { OfferTerms } from './offer-row.ts'

/** A shared offer: everybody who uses it signs in, so using it writes nothing to it. */
export type SharedOffer = Owner & {
  id: string
  handleSealed: Buffer | undefined
  issuerStateSealed: Buffer | undefined
  terms: OfferTerms
  maxUses: number | undefined
  uses: number
  createdAt: Date
  expiresAt: Date
  withdrawnAt: Date | undefined
}
export type NewSharedOffer = Omit<SharedOffer, keyof Owner | 'uses' | 'withdrawnAt'> & {
  handleHash: string
  issuerStateHash: string
}

const read = (row: Record<string, unknown>): SharedOffer => ({
  tenantId: String(row.tenant_id),
  issuerId: String(row.issuer_id),
  id: String(row.id),
  handleSealed: bytes(row.handle_sealed),
  issuerStateSealed: bytes(row.issuer_state_sealed),
  terms: parsed<OfferTerms>(row.terms),
  maxUses: row.max_uses === null ? undefined : Number(row.max_uses),
  uses: Number(row.uses),
  createdAt: date(row.created_at),
  expiresAt: date(row.expires_at),
  withdrawnAt: dateOrUndefined(row.withdrawn_at),
})

export const sharedOffers = (ask: Ask) => {
  const findBy = (owner: Owner, column: string, value: string): Promise<SharedOffer | undefined> =>
    ask(async (db) => {
      const row = await db('shared_offers')
        .where({ ...ownedBy(owner), [column]: value })
        .first()
      return row && read(row)
    })

  return {
    insert: (owner: Owner, offer: NewSharedOffer): Promise<boolean> =>
      ask((db) =>
        insertOnce(db, 'shared_offers', {
          ...ownedBy(owner),
          id: offer.id,
          handle_hash: offer.handleHash,
          handle_sealed: offer.handleSealed ?? null,
          issuer_state_hash: offer.issuerStateHash,
          issuer_state_sealed: offer.issuerStateSealed ?? null,
          terms: JSON.stringify(offer.terms),
          max_uses: offer.maxUses ?? null,
          created_at: offer.createdAt.getTime(),
          expires_at: offer.expiresAt.getTime(),
        }),
      ),

    find: (owner: Owner, id: string) => findBy(owner, 'id', id),
    findByHandle: (owner: Owner, hash: string) => findBy(owner, 'handle_hash', hash),
    findByIssuerState: (owner: Owner, hash: string) => findBy(owner, 'issuer_state_hash', hash),

    /** Takes one of `max_uses`, if there is such a number, for a grant: true if there was one, or if this grant has it already. Runs inside a transaction. */
    takeUse: (owner: Owner, id: string, grantId: string): Promise<boolean> =>
      ask(async (db) => {
        const offer = await db('shared_offers')
          .where({ ...ownedBy(owner), id })
          .first('max_uses')
        if (!offer) return false
        if (offer.max_uses === null) return true // open to everybody: nothing is written
        const use = { offer_id: id, grant_id: grantId, tenant_id: owner.tenantId }
        if (await db('shared_offer_uses').where(use).first()) return true
        const place = db('shared_offers')
          .where({ ...ownedBy(owner), id })
          .whereRaw('uses < max_uses')
        if ((await place.update({ uses: db.raw('uses + 1') })) === 0) return false
        await db('shared_offer_uses').insert(use)
        return true
      }),

    withdraw: (owner: Owner, id: string, now: Date): Promise<boolean> =>
      ask(async (db) => {
        const offer = db('shared_offers').where({ ...ownedBy(owner), id })
        return (
          (await offer.update({
            withdrawn_at: db.raw('coalesce(withdrawn_at, ?)', [now.getTime()]),
            handle_sealed: null,
            issuer_state_sealed: null,
          })) === 1
        )
      }),

    /** Wipes what expired offers still hold sealed. */
    wipeExpired: (now: Date): Promise<number> =>
      ask((db) =>
        db('shared_offers')
          .where('expires_at', '<', now.getTime())
          .whereNotNull('handle_sealed')
          .update({ handle_sealed: null, issuer_state_sealed: null }),
      ),

    list: (owner: Owner, before: string | undefined, limit: number): Promise<SharedOffer[]> =>
      ask(async (db) => {
        const page = db('shared_offers').where(ownedBy(owner)).orderBy('id', 'desc').limit(limit)
        return (await (before ? page.where('id', '<', before) : page)).map(read)
      }),
  }
}

import { type Ask, type Owner, ownedBy } from './ask.ts'
import { insertOnce } from './database.ts'
import { type NewOffer, type Offer, readOffer } from './offer-row.ts'

const wiped = {
  handle_sealed: null,
  code_sealed: null,
  issuer_state_sealed: null,
  claims_sealed: null,
  login_hint_sealed: null,
  reference_sealed: null,
  tx_code_sealed: null,
}

export const offers = (ask: Ask) => {
  const findBy = (owner: Owner, column: string, value: string): Promise<Offer | undefined> =>
    ask(async (db) => {
      const row = await db('offers')
        .where({ ...ownedBy(owner), [column]: value })
        .first()
      return row && readOffer(row)
    })

  return {
    insert: (owner: Owner, offer: NewOffer): Promise<boolean> =>
      ask((db) =>
        insertOnce(db, 'offers', {
          ...ownedBy(owner),
          id: offer.id,
          handle_hash: offer.handleHash,
          handle_sealed: offer.handleSealed,
          code_hash: offer.codeHash ?? null,
          code_sealed: offer.codeSealed ?? null,
          issuer_state_hash: offer.issuerStateHash ?? null,
          issuer_state_sealed: offer.issuerStateSealed ?? null,
          terms: JSON.stringify(offer.terms),
          tx_code_mac: offer.txCodeMac ?? null,
          claims_sealed: offer.claimsSealed ?? null,
          login_hint_sealed: offer.loginHintSealed ?? null,
          subject_index: offer.subjectIndex ?? null,
          reference_hash: offer.referenceHash ?? null,
          reference_sealed: offer.referenceSealed ?? null,
          tx_code_sealed: offer.txCodeSealed ?? null,
          created_at: offer.createdAt.getTime(),
          expires_at: offer.expiresAt.getTime(),
        }),
      ),

    find: (owner: Owner, id: string) => findBy(owner, 'id', id),
    findByHandle: (owner: Owner, hash: string) => findBy(owner, 'handle_hash', hash),
    findByReference: (owner: Owner, hash: string) => findBy(owner, 'reference_hash', hash),
    findByCode: (owner: Owner, hash: string) => findBy(owner, 'code_hash', hash),
    findByIssuerState: (owner: Owner, hash: string) => findBy(owner, 'issuer_state_hash', hash),

    /** The first time a wallet fetched it: only for the page to show. */
    open: (owner: Owner, id: string, now: Date): Promise<unknown> =>
      ask((db) =>
        db('offers')
          .where({ ...ownedBy(owner), id })
          .whereNull('opened_at')
          .update({ opened_at: now.getTime() }),
      ),

    /** Takes one try at the PIN: true while one is left. Taken before the comparison, so that a burst gets no extra guess. */
    takeTry: (owner: Owner, id: string, operation: string, tries: number, now: Date): Promise<boolean> =>
      ask(async (db) => {
        const left = db('offers')
          .where({ ...ownedBy(owner), id })
          .whereNull('withdrawn_at')
          .where((row) => row.where('tx_code_tries', '<', tries).orWhere('tx_code_tried_by', operation))
          .where('expires_at', '>', now.getTime())
        // In this order: MySQL lets the second assignment see the first. A rerun after a lost answer finds its try taken.
        const taken = db.raw('case when tx_code_tried_by = ? then tx_code_tries else tx_code_tries + 1 end', [
          operation,
        ])
        return (await left.update({ tx_code_tries: taken, tx_code_tried_by: operation })) === 1
      }),

    /** Gives a try back that was not to blame for what followed, unless another one came after it. */
    giveTryBack: (owner: Owner, id: string, operation: string): Promise<unknown> =>
      ask((db) =>
        db('offers')
          .where({ ...ownedBy(owner), id, tx_code_tried_by: operation })
          .update({ tx_code_tries: db.raw('tx_code_tries - 1'), tx_code_tried_by: null }),
      ),

    /** Spends the offer: true for exactly one operation (and for its rerun after a lost COMMIT), and only before it expires. */
    redeem: (owner: Owner, id: string, operation: string, now: Date): Promise<boolean> =>
      ask(async (db) => {
        const spendable = db('offers')
          .where({ ...ownedBy(owner), id })
          .where((row) => row.whereNull('redeemed_by').orWhere('redeemed_by', operation))
          .whereNull('withdrawn_at')
          .where('expires_at', '>', now.getTime())
        return (await spendable.update({ redeemed_by: operation, redeemed_at: now.getTime(), ...wiped })) === 1
      }),

    /** Withdraws an offer; false if there is none that is open. Withdrawing twice is withdrawing once. */
    withdraw: (owner: Owner, id: string, now: Date): Promise<boolean> =>
      ask(async (db) => {
        const open = db('offers').where({ ...ownedBy(owner), id })
        return (
          (await open.update({ withdrawn_at: db.raw('coalesce(withdrawn_at, ?)', [now.getTime()]), ...wiped })) === 1
        )
      }),

    list: (owner: Owner, before: string | undefined, limit: number): Promise<Offer[]> =>
      ask(async (db) => {
        const page = db('offers').where(ownedBy(owner)).orderBy('id', 'desc').limit(limit)
        return (await (before ? page.where('id', '<', before) : page)).map(readOffer)
      }),

    /** Wipes what expired offers still hold sealed. */
    wipeExpired: (now: Date): Promise<number> =>
      ask((db) => db('offers').where('expires_at', '<', now.getTime()).whereNotNull('handle_sealed').update(wiped)),
  }
}

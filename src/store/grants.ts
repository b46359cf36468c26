import { type Ask, bytes, date, dateOrUndefined, type Owner, ownedBy, parsed, text } from './ask.ts'
import { insertOnce } from './database.ts'

/** One credential dataset of a grant: what the wallet names by `credential_identifier` (OpenID4VCI §6.2). */
export type Dataset = { configurationId: string; credentialId: string }

export type GrantTerms = {
  datasets: Dataset[]
  /** The wallet asked by `authorization_details`, so the token response names identifiers. */
  byDetails: boolean
  scope?: string
  redirectUri?: string
  codeChallenge?: string
}

export type GrantKind = 'authorization_code' | 'pre-authorized_code'

/** What was allowed once. */
export type Grant = Owner & {
  id: string
  sessionId: string
  kind: GrantKind
  clientId: string | undefined
  keyThumbprint: string | undefined
  attestationKey: string | undefined
  terms: GrantTerms
  claimsSealed: Buffer
  personIndex: string | undefined
  offerId: string | undefined
  redeemedBy: string | undefined
  redeemedAt: Date | undefined
  endedAt: Date | undefined
  copies: number
  expiresAt: Date
}
export type NewGrant = Omit<Grant, keyof Owner | 'redeemedAt' | 'endedAt' | 'copies'> & {
  codeHash?: string
  createdAt: Date
}

export const readGrant = (row: Record<string, unknown>): Grant => ({
  tenantId: String(row.tenant_id),
  issuerId: String(row.issuer_id),
  id: String(row.id),
  sessionId: String(row.session_id),
  kind: row.kind as GrantKind,
  clientId: text(row.client_id),
  keyThumbprint: text(row.key_thumbprint),
  attestationKey: text(row.attestation_key),
  terms: parsed<GrantTerms>(row.terms),
  claimsSealed: bytes(row.claims_sealed) as Buffer,
  personIndex: text(row.person_index),
  offerId: text(row.offer_id),
  redeemedBy: text(row.redeemed_by),
  redeemedAt: dateOrUndefined(row.redeemed_at),
  endedAt: dateOrUndefined(row.ended_at),
  copies: Number(row.copies),
  expiresAt: date(row.expires_at),
})

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

  /** Spends the code: true for exactly one operation (and its rerun), in time. From then on the grant lives as long as its token. */
  redeem: (owner: Owner, id: string, operation: string, now: Date, tokenExpiresAt: Date): Promise<boolean> =>
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
      const spent = { redeemed_by: operation, redeemed_at: now.getTime(), expires_at: tokenExpiresAt.getTime() }
      return (await spendable.update(spent)) === 1
    }),

  /** Ends what a grant yielded: its tokens stop working with it. */
  end: (owner: Owner, id: string, now: Date): Promise<unknown> =>
    ask((db) =>
      db('grants')
        .where({ ...ownedBy(owner), id })
        .whereNull('ended_at')
        .update({ ended_at: now.getTime() }),
    ),

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

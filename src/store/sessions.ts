import { type Ask, date, type Owner, ownedBy, text } from './ask.ts'
import { insertOnce } from './database.ts'

export type SessionState = 'requested' | 'signing_in' | 'consenting' | 'granted' | 'declined' | 'failed'

/** An issuance session: from an authorization request or the redemption of an offer to its last token's end. */
export type Session = Owner & {
  id: string
  offerId: string | undefined
  viewHash: string | undefined
  clientId: string | undefined
  walletProfile: string | undefined
  dialect: string
  identityProvider: string | undefined
  configurationVersion: number
  state: SessionState
  personIndex: string | undefined
  createdAt: Date
  expiresAt: Date
}
export type NewSession = Omit<Session, keyof Owner>

const read = (row: Record<string, unknown>): Session => ({
  tenantId: String(row.tenant_id),
  issuerId: String(row.issuer_id),
  id: String(row.id),
  offerId: text(row.offer_id),
  viewHash: text(row.view_hash),
  clientId: text(row.client_id),
  walletProfile: text(row.wallet_profile),
  dialect: String(row.dialect),
  identityProvider: text(row.identity_provider),
  configurationVersion: Number(row.configuration_version),
  state: row.state as SessionState,
  personIndex: text(row.person_index),
  createdAt: date(row.created_at),
  expiresAt: date(row.expires_at),
})

/** What a page that follows an offer shows of its latest session. */
export type SessionProgress = { id: string; state: SessionState; copies: number }

export const sessions = (ask: Ask) => ({
  insert: (owner: Owner, session: NewSession): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'sessions', {
        ...ownedBy(owner),
        id: session.id,
        offer_id: session.offerId ?? null,
        view_hash: session.viewHash ?? null,
        client_id: session.clientId ?? null,
        wallet_profile: session.walletProfile ?? null,
        dialect: session.dialect,
        identity_provider: session.identityProvider ?? null,
        configuration_version: session.configurationVersion,
        state: session.state,
        person_index: session.personIndex ?? null,
        created_at: session.createdAt.getTime(),
        expires_at: session.expiresAt.getTime(),
      }),
    ),

  find: (owner: Owner, id: string): Promise<Session | undefined> =>
    ask(async (db) => {
      const row = await db('sessions')
        .where({ ...ownedBy(owner), id })
        .first()
      return row && read(row)
    }),

  /** Moves on; `expiresAt` may only grow. */
  update: (
    owner: Owner,
    id: string,
    change: { state?: SessionState; identityProvider?: string; personIndex?: string; expiresAt?: Date },
  ): Promise<unknown> =>
    ask((db) =>
      db('sessions')
        .where({ ...ownedBy(owner), id })
        .update({
          ...(change.state && { state: change.state }),
          ...(change.identityProvider && { identity_provider: change.identityProvider }),
          ...(change.personIndex && { person_index: change.personIndex }),
          ...(change.expiresAt && { expires_at: change.expiresAt.getTime() }),
        }),
    ),

  /**
   * The newest session of an offer or of one view of it, and how many copies came of it. Of an offer with a person only what that person
   * signed in to counts: anybody else may try.
   */
  progress: (
    owner: Owner,
    by: { offerId: string; ofPerson?: boolean } | { viewHash: string },
  ): Promise<SessionProgress | undefined> =>
    ask(async (db) => {
      const [column, value] = 'offerId' in by ? ['offer_id', by.offerId] : ['view_hash', by.viewHash]
      const ofAll = db('sessions')
      const row = await ('ofPerson' in by && by.ofPerson ? ofAll.whereNotNull('sessions.person_index') : ofAll)
        .where({
          'sessions.tenant_id': owner.tenantId,
          'sessions.issuer_id': owner.issuerId,
          [`sessions.${column}`]: value,
        })
        .leftJoin('grants', 'grants.session_id', 'sessions.id')
        .orderByRaw('coalesce(grants.copies, 0) desc, sessions.id desc')
        .first('sessions.id as id', 'sessions.state as state', 'grants.copies as copies')
      return row && { id: String(row.id), state: row.state as SessionState, copies: Number(row.copies ?? 0) }
    }),
})

import { type Ask, date, type Owner, ownedBy, text } from './ask.ts'
import { insertOnce } from './database.ts'

/** One dataset issued to one grant; its copies are what wallets hold. */
export type Credential = Owner & {
  id: string
  grantId: string
  sessionId: string
  configurationId: string
  personIndex: string | undefined
  status: 'valid' | 'suspended' | 'invalid'
  createdAt: Date
  expiresAt: Date
}

/** One signed instance, with its place in a status list and the hash of the `notification_id` that went with it. */
export type NewCopy = {
  id: string
  status?: { listId: string; index: number } | undefined
  notificationHash?: string
}

/** A row as it leaves the store. */
export const readCredential = (row: Record<string, unknown>): Credential => ({
  tenantId: String(row.tenant_id),
  issuerId: String(row.issuer_id),
  id: String(row.id),
  grantId: String(row.grant_id),
  sessionId: String(row.session_id),
  configurationId: String(row.configuration_id),
  personIndex: text(row.person_index),
  status: row.status as Credential['status'],
  createdAt: date(row.created_at),
  expiresAt: date(row.expires_at),
})

export const credentials = (ask: Ask) => ({
  /** The record of a dataset: made with its first copy, the same for all later ones. */
  insert: (owner: Owner, credential: Omit<Credential, keyof Owner | 'status'>): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'credentials', {
        ...ownedBy(owner),
        id: credential.id,
        grant_id: credential.grantId,
        session_id: credential.sessionId,
        configuration_id: credential.configurationId,
        person_index: credential.personIndex ?? null,
        status: 'valid',
        created_at: credential.createdAt.getTime(),
        expires_at: credential.expiresAt.getTime(),
      }),
    ),

  /**
   * Copies of a record that is there already: false if it is suspended or revoked, now or while this transaction waits for whoever does
   * so. It lives as long as the latest of them.
   */
  issueAgain: (owner: Owner, id: string, expiresAt: Date): Promise<boolean> =>
    ask(async (db) => {
      const valid = db('credentials').where({ ...ownedBy(owner), id, status: 'valid' })
      return (await valid.update({ issued: db.raw('issued + 1'), expires_at: expiresAt.getTime() })) === 1
    }),

  /** The signed instances of one answer: true the first time, false for a rerun that finds them there. */
  insertCopies: (owner: Owner, credentialId: string, copies: NewCopy[], now: Date): Promise<boolean> =>
    ask(async (db) => {
      const [first, ...others] = copies.map((copy) => ({
        ...ownedBy(owner),
        id: copy.id,
        credential_id: credentialId,
        status_list: copy.status?.listId ?? null,
        status_index: copy.status?.index ?? null,
        notification_hash: copy.notificationHash ?? null,
        created_at: now.getTime(),
      }))
      if (!first) return false
      if (!(await insertOnce(db, 'copies', first))) {
        // The other unique key: a place in a status list is never given twice, whatever happens.
        if (!(await db('copies').where({ id: first.id }).first('id'))) throw new Error('A status index was given twice')
        return false
      }
      if (others.length > 0) await db('copies').insert(others)
      return true
    }),

  listOfSession: (owner: Owner, sessionId: string): Promise<Credential[]> =>
    ask(async (db) =>
      (
        await db('credentials')
          .where({ ...ownedBy(owner), session_id: sessionId })
          .orderBy('id')
      ).map(readCredential),
    ),

  countCopies: (owner: Owner, credentialId: string): Promise<number> =>
    ask(async (db) => {
      const row = await db('copies')
        .where({ ...ownedBy(owner), credential_id: credentialId })
        .count({ n: '*' })
        .first()
      return Number(row?.n ?? 0)
    }),
})

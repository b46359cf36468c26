import { type Ask, type Owner, ownedBy } from './ask.ts'
import { insertOnce } from './database.ts'

/** The credential that a `notification_id` stands for, with the session whose trace it belongs to. */
export type Notified = { credentialId: string; sessionId: string }

/** What wallets say became of their credentials (OpenID4VCI §11). A `notification_id` is stored with the copies that it covers. */
export const notifications = (ask: Ask) => ({
  /** The credential of an id that this grant was given. */
  find: (owner: Owner, grantId: string, notificationHash: string): Promise<Notified | undefined> =>
    ask(async (db) => {
      const row = await db('copies')
        .where({ 'copies.tenant_id': owner.tenantId, 'copies.issuer_id': owner.issuerId })
        .where({ 'copies.notification_hash': notificationHash, 'credentials.grant_id': grantId })
        .join('credentials', 'credentials.id', 'copies.credential_id')
        .first('credentials.id as credential', 'credentials.session_id as session')
      return row && { credentialId: String(row.credential), sessionId: String(row.session) }
    }),

  /** True the first time, false for the same notification again. */
  insert: (owner: Owner, notificationHash: string, event: string, now: Date): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'notifications', {
        ...ownedBy(owner),
        notification_hash: notificationHash,
        event,
        created_at: now.getTime(),
      }),
    ),
})

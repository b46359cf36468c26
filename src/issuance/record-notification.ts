import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { NotificationRequest } from '../protocol/notification.ts'
import type { Services } from '../services.ts'
import type { Allowed } from './authorize-request.ts'
import { newEvent } from './record-event.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'inTransaction'>

/**
 * Notification Endpoint, OpenID4VCI §11: what became of credentials goes into the trace of their session, once however often a wallet
 * says it. Nothing depends on it, and the wallet's own words (`event_description`) are not kept: nobody knows what is in them.
 * @throws ProtocolError `invalid_notification_id`, also for another grant's
 */
export async function recordNotification(
  services: Needs,
  issuer: LiveIssuer,
  { grant }: Allowed,
  { notification_id: id, event: name }: NotificationRequest,
): Promise<void> {
  const { clock, tables, inTransaction } = services
  const notificationHash = hash(id)
  const notified = await tables.notifications.find(issuer, grant.id, notificationHash)
  if (!notified) throw new ProtocolError('invalid_notification_id', 'The notification_id is unknown.')
  const { sessionId, credentialId } = notified
  const details = { credential: credentialId, event: name }
  const event = newEvent(services, 'credential.notified', { sessionId, offerId: grant.offerId, details })
  await inTransaction(async (within) => {
    const isNew = await within.notifications.insert(issuer, notificationHash, name, clock())
    if (isNew) await within.events.insert(issuer, event)
  })
}

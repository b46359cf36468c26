import { z } from 'zod'
import { parse } from './parse.ts'

/** What became of credentials at the wallet, in words that are case-sensitive (OpenID4VCI §11.1). */
export const notificationEvents = ['credential_accepted', 'credential_failure', 'credential_deleted'] as const
export type NotificationEvent = (typeof notificationEvents)[number]

/** Notification Request, OpenID4VCI §11.1. Unknown members are ignored; what `event_description` says is for nobody to keep. */
const NotificationRequest = z.object({
  notification_id: z.string().min(1).max(300),
  event: z.enum(notificationEvents),
  event_description: z.string().optional(),
})
export type NotificationRequest = z.infer<typeof NotificationRequest>

/** @throws ProtocolError `invalid_notification_request` */
export const parseNotificationRequest = (body: unknown): NotificationRequest =>
  parse(NotificationRequest, body, 'invalid_notification_request')

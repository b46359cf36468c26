import type { Middleware } from 'koa'
import { recordNotification } from '../../issuance/record-notification.ts'
import { parseNotificationRequest } from '../../protocol/notification.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { jsonOf } from '../request.ts'
import { proveAccess } from './access.ts'

/** Notification Endpoint, OpenID4VCI §11. */
export const notification =
  (services: Services): Middleware =>
  async (ctx) => {
    const allowed = await proveAccess(services, ctx, 'notification')
    await recordNotification(services, issuerOf(ctx), allowed, parseNotificationRequest(await jsonOf(ctx)))
    ctx.status = 204
  }

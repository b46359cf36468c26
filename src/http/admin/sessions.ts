import type { Middleware } from 'koa'
import { showSession } from '../../issuance/show-session.ts'
import { outward } from '../../lib/ids.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { idOf } from './path.ts'

/** `GET …/sessions/{id}`: the trace of one issuance, in ids and states. */
export const getSession =
  (services: Services): Middleware =>
  async (ctx) => {
    const sessionId = idOf(ctx, 'ses', 'session')
    const { session, events, credentials } = await showSession(services, issuerOf(ctx), sessionId)
    ctx.body = {
      id: outward('ses', session.id),
      state: session.state,
      ...(session.offerId !== undefined && { offer: outward('off', session.offerId) }),
      ...(session.identityProvider !== undefined && { identity_provider: session.identityProvider }),
      ...(session.walletProfile !== undefined && { wallet_profile: session.walletProfile }),
      dialect: session.dialect,
      configuration_version: session.configurationVersion,
      created_at: session.createdAt.toISOString(),
      expires_at: session.expiresAt.toISOString(),
      credentials: credentials.map(({ id, configurationId, status, copies, expiresAt }) => ({
        id: outward('crd', id),
        credential_configuration_id: configurationId,
        status,
        copies,
        expires_at: expiresAt.toISOString(),
      })),
      events: events.map(({ id, type, createdAt, details }) => ({
        id: outward('evt', id),
        type,
        at: createdAt.toISOString(),
        details,
      })),
    }
  }

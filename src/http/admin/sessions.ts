import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import { findByReference, type ShownSession, showSession } from '../../issuance/show-session.ts'
import { outward } from '../../lib/ids.ts'
import { legOf } from '../../model/event.ts'
import { helpFor } from '../../model/faults/index.ts'
import { parse } from '../../protocol/parse.ts'
import type { Services } from '../../services.ts'
import type { StoredEvent } from '../../store/events.ts'
import { issuerOf } from '../edge.ts'
import { queryOf } from '../request.ts'
import { idOf } from './path.ts'

const event = ({ id, type, createdAt, details, reference }: StoredEvent) => ({
  id: outward('evt', id),
  type,
  leg: legOf[type],
  at: createdAt.toISOString(),
  ...(reference !== undefined && { reference }),
  details,
  ...helpFor(details.fault),
})

function answer(ctx: Context, { session, events, credentials, unfinished }: ShownSession): void {
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
    ...(unfinished && { unfinished: { ...unfinished, ...helpFor(unfinished.fault) } }),
    credentials: credentials.map(({ id, configurationId, status, copies, expiresAt }) => ({
      id: outward('crd', id),
      credential_configuration_id: configurationId,
      status,
      copies,
      expires_at: expiresAt.toISOString(),
    })),
    events: events.map(event),
  }
}

/** `GET …/sessions/{id}`: the trace of one issuance as a time line of both legs, in ids, states and faults. */
export const getSession =
  (services: Services): Middleware =>
  async (ctx) => {
    answer(ctx, await showSession(services, issuerOf(ctx), idOf(ctx, 'ses', 'session')))
  }

const Query = z.strictObject({ reference: z.string().regex(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/, 'This is no reference.') })

/** `GET …/sessions?reference=7KQ4-M2XD`: the session in which a person read this reference on a page, or a wallet was refused with it; at the page of an offer there is no session yet, and the offer is named. */
export const getSessionByReference =
  (services: Services): Middleware =>
  async (ctx) => {
    const { reference } = parse(Query, Object.fromEntries(queryOf(ctx)))
    const issuer = issuerOf(ctx)
    const found = await findByReference(services, issuer, reference)
    if (found.sessionId !== undefined) return answer(ctx, await showSession(services, issuer, found.sessionId))
    ctx.body = {
      ...(found.offerId !== undefined && { offer: outward('off', found.offerId) }),
      events: [event(found)],
    }
  }

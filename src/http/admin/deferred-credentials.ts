import type { Middleware } from 'koa'
import { z } from 'zod'
import { decideDeferred, getDeferred } from '../../issuance/decide-deferred.ts'
import { listDeferred, stateOf } from '../../issuance/show-deferred.ts'
import { inward, outward } from '../../lib/ids.ts'
import { parse } from '../../protocol/parse.ts'
import type { Services } from '../../services.ts'
import { type DeferredCredential, deferredStates } from '../../store/deferred-row.ts'
import { issuerOf } from '../edge.ts'
import { queryOf } from '../request.ts'
import { idOf } from './path.ts'

/** Who waits for what, in ids: nothing of the person, and nothing that opens the transaction. */
const shown = (deferred: DeferredCredential, now: Date) => ({
  id: outward('dfr', deferred.id),
  state: stateOf(deferred, now),
  credential: outward('crd', deferred.credentialId),
  credential_configuration_id: deferred.configurationId,
  session: outward('ses', deferred.sessionId),
  ...(deferred.offerId !== undefined && { offer: outward('off', deferred.offerId) }),
  created_at: deferred.createdAt.toISOString(),
  expires_at: deferred.expiresAt.toISOString(),
  ...(deferred.decidedAt && { decided_at: deferred.decidedAt.toISOString() }),
  ...(deferred.reason !== undefined && { reason: deferred.reason }),
  ...(deferred.collectedAt && { collected_at: deferred.collectedAt.toISOString() }),
})

const Page = z.strictObject({
  state: z.enum(deferredStates).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  /** The `next_cursor` of the page before. */
  cursor: z
    .string()
    .refine((text) => inward('dfr', text) !== undefined, 'This is no cursor.')
    .optional(),
})

/** `GET …/deferred-credentials`: those that wait with `?state=waiting`. */
export const listDeferredPage =
  (services: Services): Middleware =>
  async (ctx) => {
    const { state, limit, cursor } = parse(Page, Object.fromEntries(queryOf(ctx)))
    const before = cursor === undefined ? undefined : inward('dfr', cursor)
    const { deferred, next } = await listDeferred(services, issuerOf(ctx), { state, before, limit })
    const now = services.clock()
    ctx.body = {
      deferred_credentials: deferred.map((one) => shown(one, now)),
      ...(next !== undefined && { next_cursor: outward('dfr', next) }),
    }
  }

/** `GET …/deferred-credentials/{id}`. */
export const getDeferredCredential =
  (services: Services): Middleware =>
  async (ctx) => {
    ctx.body = shown(await getDeferred(services, issuerOf(ctx), idOf(ctx, 'dfr', 'deferred')), services.clock())
  }

/** `reason` is for administrators; the wallet is told only that the credential was refused. */
const DecisionRequest = z.strictObject({
  decision: z.enum(['approved', 'refused']),
  reason: z.string().max(500).optional(),
  /** The person's data, as an offer has it: for an approval of what the offer did not hold. */
  claims: z.record(z.string(), z.json()).optional(),
})

/** `PUT …/deferred-credentials/{id}/decision`. */
export const putDecision =
  (services: Services): Middleware =>
  async (ctx) => {
    const id = idOf(ctx, 'dfr', 'deferred')
    const { decision, reason, claims } = parse(DecisionRequest, ctx.request.body, 'unprocessable')
    ctx.body = shown(await decideDeferred(services, issuerOf(ctx), id, { decision, reason, claims }), services.clock())
  }

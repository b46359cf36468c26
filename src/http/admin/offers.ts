import type { Middleware } from 'koa'
import { z } from 'zod'
import { createOffer } from '../../issuance/create-offer.ts'
import { listOffers, type ShownOffer, showOffer } from '../../issuance/show-offer.ts'
import { withdrawOffer } from '../../issuance/withdraw-offer.ts'
import { inward, outward } from '../../lib/ids.ts'
import { OfferRequest } from '../../model/offer.ts'
import { parse } from '../../protocol/parse.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { queryOf } from '../request.ts'
import { idOf } from './path.ts'

/** `POST …/offers`: what opens the offer (handle, code, PIN) is in this answer and in no other; where its page asks for a sign-in first, only that page. */
export const postOffer =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const offer = await createOffer(services, issuer, parse(OfferRequest, ctx.request.body, 'unprocessable'))
    const id = outward('off', offer.id)
    ctx.status = 201
    ctx.set('Location', `/api/v1/tenants/${issuer.tenant.name}/issuers/${issuer.name}/offers/${id}`)
    ctx.body = {
      id,
      ...(offer.links.credentialOffer && {
        credential_offer_url: offer.links.credentialOfferUrl,
        credential_offer: offer.links.credentialOffer,
      }),
      offer_page_url: offer.links.offerPageUrl,
      ...(offer.txCode !== undefined && { tx_code: offer.txCode }),
      expires_at: offer.expiresAt.toISOString(),
      state: 'waiting',
    }
  }

const shown = ({ id, terms, state, createdAt, expiresAt, shared, sessionId }: ShownOffer) => ({
  id: outward('off', id),
  state,
  credential_configuration_ids: terms.configurationIds,
  grants: terms.grants,
  ...(terms.identityProvider !== undefined && { identity_provider: terms.identityProvider }),
  ...(terms.authorizationServer !== undefined && { authorization_server: terms.authorizationServer }),
  ...(shared?.most !== undefined && { max_uses: shared.most, uses: shared.uses }),
  ...(terms.metadata && { metadata: terms.metadata }),
  ...(sessionId !== undefined && { session: outward('ses', sessionId) }),
  created_at: createdAt.toISOString(),
  expires_at: expiresAt.toISOString(),
})

export const getOffer =
  (services: Services): Middleware =>
  async (ctx) => {
    ctx.body = shown(await showOffer(services, issuerOf(ctx), idOf(ctx, 'off', 'offer')))
  }

export const deleteOffer =
  (services: Services): Middleware =>
  async (ctx) => {
    await withdrawOffer(services, issuerOf(ctx), idOf(ctx, 'off', 'offer'))
    ctx.status = 204
  }

const Page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  /** The `next_cursor` of the page before. */
  cursor: z
    .string()
    .refine((text) => inward('off', text) !== undefined, 'This is no cursor.')
    .optional(),
})

export const listOffersPage =
  (services: Services): Middleware =>
  async (ctx) => {
    const { limit, cursor } = parse(Page, Object.fromEntries(queryOf(ctx)))
    const before = cursor === undefined ? undefined : inward('off', cursor)
    const { offers, next } = await listOffers(services, issuerOf(ctx), { before, limit })
    ctx.body = { offers: offers.map(shown), ...(next !== undefined && { next_cursor: outward('off', next) }) }
  }

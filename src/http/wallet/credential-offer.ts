import type { Middleware } from 'koa'
import { isView } from '../../issuance/find-offer.ts'
import { handOutOffer } from '../../issuance/hand-out-offer.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'

/** Credential Offer by reference, OpenID4VCI §4.1.3. The address is a secret and never cached. */
export const credentialOffer =
  (services: Services): Middleware =>
  async (ctx) => {
    const { view } = ctx.query
    const seenOn = typeof view === 'string' && isView(view) ? view : undefined
    ctx.body = await handOutOffer(services, issuerOf(ctx), String(ctx.params.handle), seenOn)
  }

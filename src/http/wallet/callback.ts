import type { Middleware } from 'koa'
import { findCallback } from '../../issuance/find-callback.ts'
import { finishOfferSignIn } from '../../issuance/finish-offer-sign-in.ts'
import { finishSignIn } from '../../issuance/finish-sign-in.ts'
import { finishTestSignIn } from '../../issuance/finish-test-sign-in.ts'
import type { Services } from '../../services.ts'
import type { StoredSignIn } from '../../store/sign-ins.ts'
import { browserOf, seeOther } from '../browser.ts'

/** What is behind a sign-in: an administrator's test, the page of an offer that asks who is there, or a wallet's request. */
function finisherOf({ testedBy, offerId }: StoredSignIn) {
  if (testedBy !== undefined) return finishTestSignIn
  return offerId === undefined ? finishSignIn : finishOfferSignIn
}

/** Where the identity provider sends the browser back to: one redirect URI per provider (RFC 9700 §4.4.2.2). */
export const callback =
  (services: Services): Middleware =>
  async (ctx) => {
    const { tenant = '', identityProvider = '' } = ctx.params as Record<string, string>
    // Not `queryOf`: which parameter a provider repeats is for its connector to tell.
    const answer = new URLSearchParams(ctx.querystring)
    const { issuer, signIn } = await findCallback(services, tenant, answer)
    ctx.state.issuer = issuer
    const browser = browserOf(ctx, services)
    seeOther(ctx, await finisherOf(signIn)(services, issuer, signIn, { providerId: identityProvider, answer }, browser))
  }

import type { Middleware } from 'koa'
import { authorizeWallet } from '../../issuance/authorize-wallet.ts'
import { beginSignIn } from '../../issuance/begin-sign-in.ts'
import type { Services } from '../../services.ts'
import { browserOf, keepSignIn, rememberProvider, seeOther } from '../browser.ts'
import { issuerOf } from '../edge.ts'
import { sendChooser } from '../pages/chooser-page.ts'
import { formOf, queryOf } from '../request.ts'

/** Authorization Endpoint, RFC 6749 §3.1 and OpenID4VCI §5: also where the chooser's form leads, with `session`. */
export const authorize =
  (services: Services): Middleware =>
  async (ctx) => {
    if (ctx.method === 'HEAD') {
      ctx.status = 204 // what only looks whether the address answers is no visit
      return
    }
    const issuer = issuerOf(ctx)
    const parameters = ctx.method === 'POST' ? await formOf(ctx) : queryOf(ctx)
    const browser = browserOf(ctx, services)
    const open = await authorizeWallet(services, issuer, parameters, browser)
    if ('refusal' in open) return seeOther(ctx, open.refusal)
    keepSignIn(ctx, services, open)
    // Only the chooser's form chooses; a wallet's request has no such parameters.
    const chosen = parameters.has('session') && ctx.method === 'POST'
    const choice = chosen
      ? {
          identityProvider: parameters.get('identity_provider') ?? undefined,
          email: parameters.get('email') ?? undefined,
        }
      : {}
    const begun = await beginSignIn(services, issuer, open, browser, choice)
    if ('choose' in begun) return sendChooser(ctx, services, open, begun)
    if (begun.identityProvider !== undefined) rememberProvider(ctx, services, issuer, begun.identityProvider)
    seeOther(ctx, begun.redirect)
  }

import type { Middleware } from 'koa'
import { z } from 'zod'
import { askConsent } from '../../issuance/ask-consent.ts'
import { sessionIdOf } from '../../issuance/authorize-wallet.ts'
import { recordConsent } from '../../issuance/record-consent.ts'
import { parse } from '../../protocol/parse.ts'
import type { Services } from '../../services.ts'
import { browserOf, seeOther } from '../browser.ts'
import { issuerOf } from '../edge.ts'
import { sendConsent } from '../pages/consent-page.ts'
import { formOf, queryOf } from '../request.ts'

const Form = z.object({
  session: z.string(),
  decision: z.enum(['approve', 'deny', 'not-you']),
  proof: z.string().max(200),
})

/** Consent, OpenID4VCI §15.1: the page, and the decision that its form sends. */
export const consent =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const browser = browserOf(ctx, services)
    if (ctx.method === 'POST') {
      const { session, ...decided } = parse(Form, Object.fromEntries(await formOf(ctx)))
      return seeOther(ctx, await recordConsent(services, issuer, { id: sessionIdOf(session), ...decided }, browser))
    }
    const asked = await askConsent(services, issuer, sessionIdOf(queryOf(ctx).get('session')), browser)
    if ('redirect' in asked) return seeOther(ctx, asked.redirect)
    await sendConsent(ctx, services, asked.ask)
  }

import type { Middleware } from 'koa'
import { isDone } from '../../issuance/finish-test-sign-in.ts'
import { beginTestSignIn, findTestSignIn } from '../../issuance/test-sign-in.ts'
import { providerName } from '../../model/display.ts'
import type { Services } from '../../services.ts'
import { browserOf, keepSignIn, seeOther } from '../browser.ts'
import { issuerOf } from '../edge.ts'
import { pageContext } from '../page-context.ts'
import { sendPage } from '../send.ts'
import { testSignInPage } from './test-sign-in.ts'

/** `GET {issuer}/test-sign-in/{handle}`: nothing is begun by looking at it, so that whatever previews links uses none up. */
export const showTestSignIn =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const { test } = await findTestSignIn(services, issuer, String(ctx.params.handle), browserOf(ctx, services))
    const context = await pageContext(services, ctx, issuer)
    const provider = issuer.tenant.identityProviders.get(test.identityProvider)
    const page = {
      isDone: await isDone(services, issuer, test),
      provider: provider?.display && providerName(provider, context.language),
    }
    sendPage(ctx, testSignInPage(context, page), 'form')
  }

/** Where the form of that page is sent: on to the provider. */
export const startTestSignIn =
  (services: Services): Middleware =>
  async (ctx) => {
    const handle = String(ctx.params.handle)
    const begun = await beginTestSignIn(services, issuerOf(ctx), handle, browserOf(ctx, services))
    keepSignIn(ctx, services, begun)
    seeOther(ctx, begun.redirect)
  }

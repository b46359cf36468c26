import type { Middleware } from 'koa'
import { grantToken } from '../../issuance/grant-token.ts'
import { parseTokenRequest } from '../../protocol/token.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { formOf } from '../request.ts'
import { proveSender } from './sender.ts'

/** Token Endpoint, OpenID4VCI §6. */
export const token =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const form = await formOf(ctx)
    const request = parseTokenRequest(form)
    const sender = await proveSender(services, ctx, `${issuer.identifier}/token`, form)
    ctx.body = await grantToken(services, issuer, request, sender)
  }

import type { Middleware } from 'koa'
import { revokeToken } from '../../issuance/revoke-token.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { formOf } from '../request.ts'
import { proveSender } from './sender.ts'

/** Token Revocation Endpoint, RFC 7009 §2: clients authenticate as at the token endpoint, and nobody needs a DPoP proof. */
export const revoke =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const parameters = await formOf(ctx)
    const sender = await proveSender(services, ctx, `${issuer.identifier}/revoke`, parameters, { mayBeMissing: true })
    await revokeToken(services, issuer, parameters, sender)
    ctx.status = 200
    ctx.body = ''
  }

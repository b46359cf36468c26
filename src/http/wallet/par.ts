import type { Middleware } from 'koa'
import { pushAuthorizationRequest } from '../../issuance/push-authorization-request.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { formOf } from '../request.ts'
import { proveSender } from './sender.ts'

/** Pushed Authorization Request Endpoint, RFC 9126 §2. A DPoP proof is welcome here and wanted only later (RFC 9449 §10.1). */
export const par =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const parameters = await formOf(ctx)
    // Some wallets do not read the metadata and push to `{authorization endpoint}/par`; the proof names what they called.
    const path = ctx.path.endsWith('/authorize/par') ? 'authorize/par' : 'par'
    const sender = await proveSender(services, ctx, `${issuer.identifier}/${path}`, parameters, { mayBeMissing: true })
    ctx.status = 201
    ctx.body = await pushAuthorizationRequest(services, issuer, parameters, sender)
  }

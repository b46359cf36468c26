import type { Context } from 'koa'
import { type Allowed, authorizeRequest } from '../../issuance/authorize-request.ts'
import { issueNonce } from '../../issuance/issue-nonce.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { singleHeader } from '../request.ts'

/** What the access token of a request to this endpoint of the issuer allows. A fresh DPoP nonce rides on the answer (RFC 9449 §8.2). */
export async function proveAccess(services: Services, ctx: Context, endpoint: string): Promise<Allowed> {
  const issuer = issuerOf(ctx)
  const authorization = singleHeader(ctx, 'authorization')
  const sent = { proof: singleHeader(ctx, 'dpop'), method: ctx.method, url: `${issuer.identifier}/${endpoint}` }
  const allowed = await authorizeRequest(services, issuer, { authorization, ...sent })
  ctx.state.session = allowed.grant.sessionId
  if (allowed.token.keyThumbprint !== undefined) ctx.set('DPoP-Nonce', await issueNonce(services, issuer, 'dpop'))
  return allowed
}

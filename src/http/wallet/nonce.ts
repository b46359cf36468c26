import type { Middleware } from 'koa'
import { issueNonce } from '../../issuance/issue-nonce.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'

/** Nonce Endpoint, OpenID4VCI §7: for everybody. A DPoP nonce for the credential endpoint comes with it. */
export const nonce =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    if (issuer.settings.dpop !== 'off') ctx.set('DPoP-Nonce', await issueNonce(services, issuer, 'dpop'))
    ctx.body = { c_nonce: await issueNonce(services, issuer, 'c_nonce') }
  }

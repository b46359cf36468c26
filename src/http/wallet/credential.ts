import type { Middleware } from 'koa'
import { authorizeRequest } from '../../issuance/authorize-request.ts'
import { issueCredentials, selectDataset } from '../../issuance/issue-credentials.ts'
import { issueNonce } from '../../issuance/issue-nonce.ts'
import { verifyKeyProofs } from '../../issuance/verify-key-proofs.ts'
import { parseCredentialRequest } from '../../protocol/credential.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { jsonOf, singleHeader } from '../request.ts'
import { dpopProofOf } from './sender.ts'

/** Credential Endpoint, OpenID4VCI §8; the checks in the order of VCI-80. */
export const credential =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const { value: authorization } = singleHeader(ctx, 'authorization')
    const url = `${issuer.identifier}/credential`
    const allowed = await authorizeRequest(services, issuer, {
      authorization,
      proof: dpopProofOf(ctx),
      method: ctx.method,
      url,
    })
    if (allowed.token.keyThumbprint !== undefined) ctx.set('DPoP-Nonce', await issueNonce(services, issuer, 'dpop'))
    const request = parseCredentialRequest(await jsonOf(ctx))
    const selected = selectDataset(issuer, allowed, request)
    const proven = await verifyKeyProofs(services, issuer, allowed.grant.clientId, request.proofs)
    ctx.body = await issueCredentials(services, issuer, allowed, selected, proven)
  }

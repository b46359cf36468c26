import type { Middleware } from 'koa'
import { authorizeRequest } from '../../issuance/authorize-request.ts'
import { issueCredentials, selectDataset } from '../../issuance/issue-credentials.ts'
import { issueNonce } from '../../issuance/issue-nonce.ts'
import { verifyKeyProofs } from '../../issuance/verify-key-proofs.ts'
import { parseCredentialRequest, refuseEncryption } from '../../protocol/credential.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { jsonOf, singleHeader } from '../request.ts'

/** Credential Endpoint, OpenID4VCI §8; the checks in the order of VCI-80. */
export const credential =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const authorization = singleHeader(ctx, 'authorization')
    const sent = { proof: singleHeader(ctx, 'dpop'), method: ctx.method, url: `${issuer.identifier}/credential` }
    const allowed = await authorizeRequest(services, issuer, { authorization, ...sent })
    if (allowed.token.keyThumbprint !== undefined) ctx.set('DPoP-Nonce', await issueNonce(services, issuer, 'dpop'))
    const request = parseCredentialRequest(await jsonOf(ctx))
    const selected = selectDataset(issuer, allowed, request)
    refuseEncryption(request)
    const proven = await verifyKeyProofs(services, issuer, allowed.grant.clientId, request.proofs)
    ctx.body = await issueCredentials(services, issuer, allowed, selected, proven)
  }

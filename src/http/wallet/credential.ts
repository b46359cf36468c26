import type { Middleware } from 'koa'
import { authorizeRequest } from '../../issuance/authorize-request.ts'
import { issueCredentials, selectDataset } from '../../issuance/issue-credentials.ts'
import { issueNonce } from '../../issuance/issue-nonce.ts'
import { chooseResponseEncryption } from '../../issuance/message-encryption.ts'
import { verifyKeyProofs } from '../../issuance/verify-key-proofs.ts'
import { parseCredentialRequest } from '../../protocol/credential.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { singleHeader } from '../request.ts'
import { readMessage, sendMessage } from './messages.ts'

/** Credential Endpoint, OpenID4VCI §8; the checks in the order of VCI-80. */
export const credential =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const authorization = singleHeader(ctx, 'authorization')
    const sent = { proof: singleHeader(ctx, 'dpop'), method: ctx.method, url: `${issuer.identifier}/credential` }
    const allowed = await authorizeRequest(services, issuer, { authorization, ...sent })
    if (allowed.token.keyThumbprint !== undefined) ctx.set('DPoP-Nonce', await issueNonce(services, issuer, 'dpop'))
    const { message, encrypted } = await readMessage(services, ctx)
    const request = parseCredentialRequest(message)
    const selected = selectDataset(issuer, allowed, request)
    const encryption = chooseResponseEncryption(issuer, request.responseEncryption, encrypted)
    const proven = await verifyKeyProofs(
      services,
      issuer,
      selected.configuration,
      allowed.grant.clientId,
      request.proofs,
    )
    const response = await issueCredentials(services, issuer, allowed, selected, proven)
    await sendMessage(ctx, response, encryption)
  }

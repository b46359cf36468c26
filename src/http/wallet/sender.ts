import type { Context } from 'koa'
import { authenticateClient } from '../../issuance/authenticate-client.ts'
import { issueNonce } from '../../issuance/issue-nonce.ts'
import type { Sender } from '../../issuance/open-session.ts'
import { freshChallenge } from '../../issuance/verify-client.ts'
import { verifyDpop } from '../../issuance/verify-sender.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { singleHeader } from '../request.ts'

/**
 * Who sent a request to the authorization server, and the key that it proves by DPoP. Fresh values for the next request ride on the
 * answer (RFC 9449 §8.2). Where a proof `mayBeMissing`, an issuer that wants DPoP waits for the token request.
 */
export async function proveSender(
  services: Services,
  ctx: Context,
  url: string,
  parameters: URLSearchParams,
  { mayBeMissing = false }: { mayBeMissing?: boolean } = {},
): Promise<Sender> {
  const issuer = issuerOf(ctx)
  const attestation = singleHeader(ctx, 'oauth-client-attestation')
  const attestationPop = singleHeader(ctx, 'oauth-client-attestation-pop')
  const combined = attestation.value !== undefined && attestationPop.value === undefined
  const sent = { proof: singleHeader(ctx, 'dpop'), method: ctx.method, url, mayBeMissing, combined }
  const dpop = await verifyDpop(services, issuer, sent)
  if (dpop) ctx.set('DPoP-Nonce', await issueNonce(services, issuer, 'dpop'))
  const endpoints = [url, `${issuer.identifier}/token`]
  const sender = await authenticateClient(services, issuer, {
    parameters,
    attestation,
    attestationPop,
    dpop,
    endpoints,
  })
  if (sender.attestationKey !== undefined) ctx.set(await freshChallenge(services, issuer))
  return sender
}

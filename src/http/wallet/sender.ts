import type { Context } from 'koa'
import { issueNonce } from '../../issuance/issue-nonce.ts'
import type { Sender } from '../../issuance/open-session.ts'
import { verifyDpop } from '../../issuance/verify-sender.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { singleHeader } from '../request.ts'

/**
 * Who sent a request to the authorization server, and the key that it proves by DPoP. A fresh nonce rides on the answer (RFC 9449
 * §8.2). Where a proof `mayBeMissing`, an issuer that wants DPoP waits for the token request.
 */
export async function proveSender(
  services: Services,
  ctx: Context,
  url: string,
  clientId: string | undefined,
  { mayBeMissing = false }: { mayBeMissing?: boolean } = {},
): Promise<Sender> {
  const issuer = issuerOf(ctx)
  const sent = { proof: singleHeader(ctx, 'dpop'), method: ctx.method, url, mayBeMissing }
  const proof = await verifyDpop(services, issuer, sent)
  if (proof) ctx.set('DPoP-Nonce', await issueNonce(services, issuer, 'dpop'))
  return { clientId, authentication: 'none', keyThumbprint: proof?.thumbprint, attestationKey: undefined }
}

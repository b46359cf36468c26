import type { Context } from 'koa'
import { issueNonce } from '../../issuance/issue-nonce.ts'
import { verifyDpop } from '../../issuance/verify-sender.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { singleHeader } from '../request.ts'

/**
 * The thumbprint of the key that a request to the authorization server proves by DPoP. A fresh nonce rides on the answer (RFC 9449
 * §8.2). Where a proof `mayBeMissing`, an issuer that wants DPoP waits for the token request.
 */
export async function proveSender(
  services: Services,
  ctx: Context,
  url: string,
  { mayBeMissing = false }: { mayBeMissing?: boolean } = {},
): Promise<string | undefined> {
  const issuer = issuerOf(ctx)
  const sent = { proof: singleHeader(ctx, 'dpop'), method: ctx.method, url, mayBeMissing }
  const proof = await verifyDpop(services, issuer, sent)
  if (proof) ctx.set('DPoP-Nonce', await issueNonce(services, issuer, 'dpop'))
  return proof?.thumbprint
}

import type { Context } from 'koa'
import { issueNonce } from '../../issuance/issue-nonce.ts'
import { verifyDpop } from '../../issuance/verify-sender.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { singleHeader } from '../request.ts'

/** The value of the `DPoP` header, of which there is one at most (RFC 9449 §4.3). */
export function dpopProofOf(ctx: Context): string | undefined {
  const { value, repeated } = singleHeader(ctx, 'dpop')
  if (repeated) throw new ProtocolError('invalid_dpop_proof', 'The request has several DPoP headers.')
  return value
}

/** The thumbprint of the key that a request to the authorization server proves by DPoP. A fresh nonce rides on the answer (§8.2). */
export async function proveSender(services: Services, ctx: Context, url: string): Promise<string | undefined> {
  const issuer = issuerOf(ctx)
  const proof = await verifyDpop(services, issuer, { proof: dpopProofOf(ctx), method: ctx.method, url })
  if (proof) ctx.set('DPoP-Nonce', await issueNonce(services, issuer, 'dpop'))
  return proof?.thumbprint
}

import type { Middleware } from 'koa'
import { issueNonce } from '../../issuance/issue-nonce.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'

/** Challenge Endpoint, attestation-based client authentication §8: for everybody, at issuers that take wallet attestations. */
export const challenge =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    if (issuer.settings.wallet_attestation === 'off')
      throw new ProtocolError('not_found', 'This issuer takes no wallet attestations.')
    ctx.body = { attestation_challenge: await issueNonce(services, issuer, 'attestation') }
  }

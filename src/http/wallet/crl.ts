import type { Middleware } from 'koa'
import { publishedSeconds } from '../../keys/generations.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { sendCached } from '../send.ts'

/** What the tenant's root has revoked, RFC 5280 §5: where the distribution points of its certificates lead. */
export const crl =
  ({ keyRing }: Pick<Services, 'keyRing'>): Middleware =>
  async (ctx) => {
    const keys = await keyRing.of(issuerOf(ctx).tenant)
    ctx.type = 'application/pkix-crl'
    sendCached(ctx, await keys.revocationList(), publishedSeconds)
  }

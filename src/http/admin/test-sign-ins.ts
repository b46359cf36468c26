import type { Middleware } from 'koa'
import { createTestSignIn } from '../../issuance/test-sign-in.ts'
import { outward } from '../../lib/ids.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { callerOf } from './authorize.ts'

/** `POST …/identity-providers/{id}/test-sign-ins`: the link is in this answer only; what comes of it is for this caller's previews. */
export const postTestSignIn =
  (services: Services): Middleware =>
  async (ctx) => {
    const provider = String(ctx.params.provider)
    const { id, url, expiresAt } = await createTestSignIn(services, issuerOf(ctx), provider, callerOf(ctx))
    ctx.status = 201
    ctx.body = { id: outward('tsi', id), url, expires_at: expiresAt.toISOString() }
  }

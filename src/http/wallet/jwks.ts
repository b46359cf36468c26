import type { Middleware } from 'koa'
import { pemOf } from '../../keys/certificates.ts'
import { publishedSeconds } from '../../keys/generations.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { sendCached } from '../send.ts'

/** JWT VC Issuer Metadata, SD-JWT VC §4. */
export const jwtVcIssuer =
  ({ keyRing }: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const { jwks } = await keyRing.of(issuer.tenant)
    sendCached(ctx, { issuer: issuer.identifier, jwks: { keys: jwks } }, publishedSeconds)
  }

/** The keys that credentials are signed with, RFC 7517 §5. */
export const jwks =
  ({ keyRing }: Services): Middleware =>
  async (ctx) => {
    sendCached(ctx, { keys: (await keyRing.of(issuerOf(ctx).tenant)).jwks }, publishedSeconds)
  }

/** The root certificate that verifiers take as anchor, PEM (RFC 7468). It is never part of a chain. */
export const root =
  ({ keyRing }: Services): Middleware =>
  async (ctx) => {
    const keys = await keyRing.of(issuerOf(ctx).tenant)
    ctx.type = 'application/x-pem-file'
    ctx.attachment(`${issuerOf(ctx).tenant.name}-root.pem`)
    sendCached(ctx, pemOf(keys.root), publishedSeconds)
  }

import type { Middleware } from 'koa'
import { pemOf } from '../../keys/certificates.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { sendCached } from '../send.ts'

const minutes = 300

/** JWT VC Issuer Metadata, SD-JWT VC §4. */
export const jwtVcIssuer =
  ({ keyRing }: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const { jwks } = await keyRing.of(issuer.tenant)
    sendCached(ctx, { issuer: issuer.identifier, jwks: { keys: jwks } }, minutes)
  }

/** The keys that credentials are signed with, RFC 7517 §5. */
export const jwks =
  ({ keyRing }: Services): Middleware =>
  async (ctx) => {
    sendCached(ctx, { keys: (await keyRing.of(issuerOf(ctx).tenant)).jwks }, minutes)
  }

/** The root certificate that verifiers take as anchor, PEM (RFC 7468). It is never part of a chain. */
export const root =
  ({ keyRing }: Services): Middleware =>
  async (ctx) => {
    const keys = await keyRing.of(issuerOf(ctx).tenant)
    ctx.type = 'application/x-pem-file'
    ctx.attachment(`${issuerOf(ctx).tenant.name}-root.pem`)
    sendCached(ctx, pemOf(keys.root), minutes)
  }

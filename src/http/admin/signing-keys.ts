import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import { rotateKeys } from '../../administration/rotate-key.ts'
import { type ShownSigningKey, showSigningKeys } from '../../administration/show-signing-keys.ts'
import { pemOf } from '../../keys/certificates.ts'
import type { LiveTenant } from '../../model/live.ts'
import { Id } from '../../model/names.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { parse } from '../../protocol/parse.ts'
import type { Services } from '../../services.ts'

async function tenantOf(ctx: Context, { configuration }: Pick<Services, 'configuration'>): Promise<LiveTenant> {
  const tenant = await configuration.findTenant(String(ctx.params.tenant))
  if (!tenant) throw new ProtocolError('not_found', 'There is no such tenant.')
  return tenant
}

const shown = (key: ShownSigningKey) => ({
  kid: key.keyId,
  key: key.name,
  algorithm: key.algorithm,
  generation: key.generation,
  state: key.state,
  published: key.published,
  created_at: key.createdAt.toISOString(),
  activates_at: key.activatesAt.toISOString(),
  ...(key.retiresAt && { retires_at: key.retiresAt.toISOString() }),
  ...(key.publishedUntil && { published_until: key.publishedUntil.toISOString() }),
  ...(key.revokedAt && { revoked_at: key.revokedAt.toISOString() }),
  public_jwk: key.publicJwk,
  certificates: key.certificates.map(({ profile, serial, certificate, notAfter }) => ({
    profile,
    serial,
    not_after: notAfter.toISOString(),
    certificate: pemOf(certificate),
  })),
})

/** `GET …/signing-keys`: every generation of the tenant's keys. */
export const getSigningKeys =
  (services: Services): Middleware =>
  async (ctx) => {
    const tenant = await tenantOf(ctx, services)
    ctx.body = { signing_keys: (await showSigningKeys(services, tenant)).map(shown) }
  }

const Rotation = z.strictObject({
  key: Id.optional(),
  algorithm: z.enum(['ES256', 'ES384', 'EdDSA']).optional(),
  now: z.boolean().optional(),
  compromised: z.boolean().optional(),
})

/** `POST …/signing-keys/rotations`: a new generation of every key, or of the one that is named. */
export const postRotation =
  (services: Services): Middleware =>
  async (ctx) => {
    const rotation = parse(Rotation, ctx.request.body, 'unprocessable')
    const keys = await rotateKeys(services, await tenantOf(ctx, services), rotation)
    ctx.body = { signing_keys: keys.map(shown) }
  }

import type { Middleware } from 'koa'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'

/** `GET …/identity-providers/{id}/claim-names`: what rules may read of this provider's people, as far as it was seen. Names, never values. */
export const getClaimNames =
  ({ configuration, tables }: Services): Middleware =>
  async (ctx) => {
    const provider = String(ctx.params.provider)
    const tenant = await configuration.findTenant(String(ctx.params.tenant))
    if (!tenant?.identityProviders.has(provider))
      throw new ProtocolError('not_found', 'There is no such identity provider.')
    const names = await tables.claimNames.list(tenant.id, provider)
    ctx.body = {
      claim_names: names.map(({ path, seenAt }) => ({ path, last_seen: seenAt.toISOString().slice(0, 10) })),
    }
  }

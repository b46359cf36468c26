import type { Context, Middleware } from 'koa'
import { type IdPrefix, inward } from '../../lib/ids.ts'
import { Name } from '../../model/names.ts'
import { ProtocolError } from '../../protocol/errors.ts'

/** The bare id that the path names, such as the uuid of `off_…` in `:offer`. Throws `not_found` for what is no such id. */
export function idOf(ctx: Context, prefix: IdPrefix, parameter: string): string {
  const id = inward(prefix, String(ctx.params[parameter]))
  if (id === undefined) throw new ProtocolError('not_found', `There is no such ${parameter}.`)
  return id
}

/** A database may take `acme ` for `acme`: what is no name of a tenant is none. */
export const checkTenantName: Middleware = (ctx, next) => {
  if (Name.safeParse(ctx.params.tenant).success) return next()
  throw new ProtocolError('not_found', 'There is no such tenant.')
}

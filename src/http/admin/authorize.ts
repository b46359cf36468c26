import type { Context, Middleware } from 'koa'
import { equal, hash } from '../../lib/secrets.ts'
import { Name } from '../../model/names.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'

type Needs = Pick<Services, 'config' | 'clock' | 'tables' | 'configuration'>

/** Who may call: each may do what those after it may. */
const roles = ['platform', 'administrator', 'offers'] as const
type Role = (typeof roles)[number]

const challenge = 'Bearer realm="claimgate"'

/** RFC 6750 §2.1 and §3. */
function bearerToken(ctx: Context): string {
  const [, token] = /^Bearer +([\x21-\x7e]+)$/i.exec(ctx.get('authorization')) ?? []
  if (token !== undefined) return token
  throw new ProtocolError('invalid_token', 'An API key is needed: Authorization: Bearer.', {
    headers: { 'WWW-Authenticate': challenge },
  })
}

/** Who called: an API client of the tenant, or the platform. What one may see alone is kept under this name. */
export const callerOf = (ctx: Context): string => String(ctx.state.caller)

type Caller = { role: Role; caller: string }

async function find(
  { config, clock, tables, configuration }: Needs,
  key: string,
  tenantName: string,
): Promise<Caller | undefined> {
  const keyHash = hash(key)
  if (config.apiKey !== undefined && equal(keyHash, hash(config.apiKey)))
    return { role: 'platform', caller: 'platform' }
  const tenant = Name.safeParse(tenantName).success ? await configuration.findTenant(tenantName) : undefined
  const client = tenant && (await tables.apiClients.findByKey(tenant.id, keyHash))
  if (!client || client.expiresAt <= clock()) return undefined
  await tables.apiClients.noteUse(client.tenantId, client.id, clock())
  return { role: client.role, caller: `client ${client.id}` }
}

/**
 * Lets those in whose API key has at least this role in the tenant of the path. A key says nothing of other tenants: there it is
 * refused as any unknown key is, whether the tenant exists or not.
 */
export const authorize =
  (services: Needs, least: Role): Middleware =>
  async (ctx, next) => {
    const { tenant = '' } = ctx.params as Record<string, string>
    const found = await find(services, bearerToken(ctx), tenant)
    if (!found) {
      throw new ProtocolError('invalid_token', 'The API key is unknown here or has expired.', {
        headers: { 'WWW-Authenticate': `${challenge}, error="invalid_token"` },
      })
    }
    if (roles.indexOf(found.role) > roles.indexOf(least)) {
      throw new ProtocolError('insufficient_scope', 'This API key may not do that.', {
        headers: { 'WWW-Authenticate': `${challenge}, error="insufficient_scope"` },
      })
    }
    ctx.state.caller = found.caller
    await next()
  }

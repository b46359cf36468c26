import type { Middleware } from 'koa'
import { applyTenant } from '../../administration/apply.ts'
import { checkTenant } from '../../administration/check-tenant.ts'
import { refuseReferences } from '../../administration/resolve-references.ts'
import { type Mistake, ProtocolError } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'

/** `PUT /api/v1/tenants/{tenant}`: a tenant file as JSON. What it leaves out is removed; the same again changes nothing. */
export const putTenant =
  (services: Services): Middleware =>
  async (ctx) => {
    const name = String(ctx.params.tenant)
    const raw: unknown = ctx.request.body
    const { config, clock } = services
    const checked = checkTenant(raw, { demo: config.demo, now: clock() })
    const elsewhere: Mistake[] =
      'file' in checked && checked.file.tenant !== name
        ? [{ pointer: '/tenant', detail: 'The address names another tenant.' }]
        : []
    const mistakes = [...elsewhere, ...refuseReferences(raw), ...('mistakes' in checked ? checked.mistakes : [])]
    if (mistakes.length > 0 || 'mistakes' in checked) {
      throw new ProtocolError('unprocessable', 'The tenant cannot be as described.', { mistakes })
    }
    const { changes, apiKeys } = await applyTenant(services, checked.written)
    ctx.status = changes.some(({ kind, change }) => kind === 'tenant' && change === 'created') ? 201 : 200
    ctx.body = { tenant: name, changes, ...(apiKeys.length > 0 && { api_keys: apiKeys }) }
  }

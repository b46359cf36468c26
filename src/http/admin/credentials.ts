import type { Middleware } from 'koa'
import { z } from 'zod'
import { filterOf, listCredentials } from '../../issuance/list-credentials.ts'
import { getCredential, setStatus, setStatusOfMany } from '../../issuance/set-status.ts'
import { inward, outward } from '../../lib/ids.ts'
import { CredentialFilter, ManyStatusRequest, StatusRequest } from '../../model/credential-status.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import { parse } from '../../protocol/parse.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { queryOf } from '../request.ts'
import { effectiveAt, shownCredential } from './credential-shown.ts'
import { idOf } from './path.ts'

const Page = CredentialFilter.extend({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  /** The `next_cursor` of the page before. */
  cursor: z
    .string()
    .refine((text) => inward('crd', text) !== undefined, 'This is no cursor.')
    .optional(),
})

const inFuture = ({ clock }: Services, until: Date | undefined): void => {
  if (until && until <= clock()) throw new ProtocolError('unprocessable', 'The suspension would have ended already.')
}

/** `GET …/credentials`. */
export const listCredentialsPage =
  (services: Services): Middleware =>
  async (ctx) => {
    const { limit, cursor, ...filter } = parse(Page, Object.fromEntries(queryOf(ctx)))
    const before = cursor === undefined ? undefined : inward('crd', cursor)
    const asked = await filterOf(services, issuerOf(ctx), filter)
    const { credentials, next } = await listCredentials(services, issuerOf(ctx), asked, { before, limit })
    ctx.body = {
      credentials: credentials.map(shownCredential),
      ...(next !== undefined && { next_cursor: outward('crd', next) }),
    }
  }

/** `GET …/credentials/{id}`. */
export const getCredentialOf =
  (services: Services): Middleware =>
  async (ctx) => {
    ctx.body = shownCredential(await getCredential(services, issuerOf(ctx), idOf(ctx, 'crd', 'credential')))
  }

/** `PUT …/credentials/{id}/status`. */
export const putStatus =
  (services: Services): Middleware =>
  async (ctx) => {
    const id = idOf(ctx, 'crd', 'credential')
    const request = parse(StatusRequest, ctx.request.body, 'unprocessable')
    inFuture(services, request.until)
    ctx.body = shownCredential(await setStatus(services, issuerOf(ctx), id, request))
  }

/** `PUT …/credentials/status`: of all that a filter lets through. */
export const putStatusOfMany =
  (services: Services): Middleware =>
  async (ctx) => {
    const request = parse(ManyStatusRequest, ctx.request.body, 'unprocessable')
    const { filter, dry_run: dryRun, ...newStatus } = request
    inFuture(services, newStatus.until)
    const asked = await filterOf(services, issuerOf(ctx), filter)
    const counts = await setStatusOfMany(services, issuerOf(ctx), asked, newStatus, { dryRun })
    ctx.body = { ...counts, ...(!dryRun && { effective_at: effectiveAt(services.clock()).toISOString() }) }
  }

import type { Middleware } from 'koa'
import { aggregateStatusLists, publishStatusList } from '../../issuance/publish-status-list.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'
import { maxAgeSeconds } from '../../status/publish.ts'
import { issuerOf } from '../edge.ts'
import { sendCached } from '../send.ts'
import { sendStatusList } from '../send-status-list.ts'

const formOf = { 'application/statuslist+jwt': 'jwt', 'application/statuslist+cwt': 'cwt' } as const
const types = Object.keys(formOf) as (keyof typeof formOf)[]

/** The aggregation of an issuer's lists, Token Status List §9. */
export const statusLists =
  (services: Services): Middleware =>
  async (ctx) =>
    sendCached(ctx, await aggregateStatusLists(services, issuerOf(ctx)), maxAgeSeconds)

/** A Token Status List §8, or below it the credentials of a Bitstring Status List. Neither has a history (`time`). */
export const statusList =
  (services: Services): Middleware =>
  async (ctx) => {
    const { list = '', purpose } = ctx.params as Record<string, string>
    if (new URLSearchParams(ctx.querystring).has('time'))
      throw new ProtocolError('not_implemented', 'Only the present status is served.')
    if (purpose !== undefined) {
      if (purpose !== 'revocation' && purpose !== 'suspension')
        throw new ProtocolError('not_found', 'There is no such status list.')
      ctx.type = 'application/jwt'
      return sendStatusList(ctx, await publishStatusList(services, issuerOf(ctx), list, purpose), services.clock())
    }
    ctx.vary('Accept')
    const type = ctx.accepts(types) as keyof typeof formOf | false
    if (!type) throw new ProtocolError('not_acceptable', `The list comes as ${types.join(' or ')}.`)
    const published = await publishStatusList(services, issuerOf(ctx), list, formOf[type])
    ctx.type = type
    sendStatusList(ctx, published, services.clock())
  }

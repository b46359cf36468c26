import { STATUS_CODES } from 'node:http'
import type { Context, Middleware } from 'koa'
import { ProtocolError, statusOf } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'
import { asProtocolError, record } from '../record-error.ts'

/** A path that no route answers, or not with this method. */
function unanswered(ctx: Context): ProtocolError | undefined {
  if (ctx.body !== undefined && ctx.body !== null) return undefined
  if (ctx.status === 404) return new ProtocolError('not_found', 'There is nothing at this address.')
  return ctx.status === 405 || ctx.status === 501
    ? new ProtocolError('method_not_allowed', 'This method is not served at this address.')
    : undefined
}

/** Errors as problem details, RFC 9457: `errors` has a pointer into the request and a sentence for each mistake. */
export const problems =
  (services: Pick<Services, 'log'>): Middleware =>
  async (ctx, next) => {
    ctx.set('Cache-Control', 'no-store')
    try {
      await next()
      const error = unanswered(ctx)
      if (error) throw error
    } catch (caught) {
      const error = asProtocolError(caught)
      record(ctx, services, error)
      const status = statusOf[error.code]
      ctx.status = status
      ctx.set(error.headers)
      if (error.retryAfter !== undefined) ctx.set('Retry-After', String(error.retryAfter))
      ctx.body = {
        type: 'about:blank', // the status and its title say it all, RFC 9457 §4.2.1
        title: STATUS_CODES[status],
        status,
        detail: error.message,
        ...(error.mistakes.length > 0 && {
          errors: error.mistakes.map(({ pointer, detail }) => ({ pointer, detail })),
        }),
        ...(ctx.state.reference !== undefined && { reference: ctx.state.reference }),
      }
      ctx.type = 'application/problem+json'
    }
  }

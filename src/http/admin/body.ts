import { bodyParser } from '@koa/bodyparser'
import type { Context, Middleware } from 'koa'
import { ProtocolError } from '../../protocol/errors.ts'

/** Nothing that the admin API takes nests deeper, and schemas walk what they are given recursively. */
const deepest = 32

function isTooDeep(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; depth < deepest && level.length > 0; depth++) {
    level = level.flatMap((entry) => (typeof entry === 'object' && entry !== null ? Object.values(entry) : []))
  }
  return level.length > 0
}

/** What the parser says holds the body, so that it goes no further. */
function refuse(error: Error & { status?: number }, ctx: Context): never {
  if (error.status === 413) {
    ctx.set('Connection', 'close') // what is left of the body is never read
    throw new ProtocolError('too_large', 'The body is too large.')
  }
  if (error.status === 415) throw new ProtocolError('unsupported_media_type', 'The body must be JSON in UTF-8.')
  throw new ProtocolError('invalid_request', 'The body is not JSON that can be read.')
}

/** The body of a request as JSON in `ctx.request.body`, up to a size such as `64kb`. */
export function jsonBody(limit: string): Middleware[] {
  const isJson: Middleware = (ctx, next) => {
    if (ctx.is('application/json')) return next()
    throw new ProtocolError('unsupported_media_type', 'The body must be JSON (application/json).')
  }
  const isShallow: Middleware = (ctx, next) => {
    if (!isTooDeep(ctx.request.body)) return next()
    throw new ProtocolError('invalid_request', `The body nests deeper than ${deepest} levels.`)
  }
  return [isJson, bodyParser({ enableTypes: ['json'], jsonLimit: limit, onError: refuse }), isShallow]
}

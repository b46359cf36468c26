import type Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import type { LiveIssuer } from '../model/live.ts'
import { type ErrorCode, ProtocolError, statusOf } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { pageContext } from './page-context.ts'
import { problemPage } from './pages/problem.ts'
import { asProtocolError, type Recording, record, traceWallet } from './record-error.ts'
import { sendPage } from './send.ts'

/** The issuer of the path, `/{tenant}/{issuer}/…`; it was loaded before the handler runs. */
export const issuerOf = (ctx: Context): LiveIssuer => ctx.state.issuer as LiveIssuer

/** Loads the issuer that the path names. An unknown one is `not_found`; a retired one serves what is public and issues no more. */
export const loadIssuer =
  ({ configuration }: Pick<Services, 'configuration'>): Middleware =>
  async (ctx, next) => {
    const { tenant = '', issuer = '' } = ctx.params as Record<string, string>
    const found = await configuration.findIssuer(tenant, issuer)
    if (!found) throw new ProtocolError('not_found', 'There is no such issuer.', { help: 'tenant-unknown' })
    ctx.state.issuer = found
    await next()
  }

export const refuseRetired: Middleware = async (ctx, next) => {
  if (issuerOf(ctx).retiredAt)
    throw new ProtocolError('invalid_request', 'This issuer is retired.', { help: 'issuer-retired' })
  await next()
}

/** RFC 6749 §5.2 and OpenID4VCI §8.3.1.2 allow few characters in a description. */
const described = (message: string) => message.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '.')

/** At a protected resource a refused token or proof is 401 (RFC 6750 §3.1, RFC 9449 §9); `invalid_client` is 401 only if a header was used. */
function jsonStatus(ctx: Context, { code, headers }: ProtocolError): number {
  if (code === 'invalid_client' && !ctx.get('authorization')) return 400
  if (code === 'access_denied') return 400
  return headers['WWW-Authenticate'] !== undefined && statusOf[code] === 400 ? 401 : statusOf[code]
}

// What pages and the admin API call by names of their own has a name in OAuth, too.
const oauthName: Partial<Record<ErrorCode, ErrorCode>> = {
  not_found: 'invalid_request',
  gone: 'invalid_request',
  method_not_allowed: 'invalid_request',
  not_acceptable: 'invalid_request',
  not_implemented: 'invalid_request',
  too_large: 'invalid_request',
  unsupported_media_type: 'invalid_request',
  rate_limited: 'temporarily_unavailable',
}

/** RFC 6750 §3.1: who sent no token at all is told no error, only how to authenticate. */
const isBareChallenge = ({ code, headers }: ProtocolError): boolean =>
  code === 'invalid_token' && !headers['WWW-Authenticate']?.includes('error=')

/**
 * Errors as JSON, for wallets. `malformed` is what the endpoint calls a request that it cannot read. JSON answers say
 * `application/json` and no more, for some wallets read the header letter by letter.
 */
export const json =
  (services: Recording, malformed: ErrorCode = 'invalid_request'): Middleware =>
  async (ctx, next) => {
    try {
      await next()
    } catch (caught) {
      const error = asProtocolError(caught)
      record(ctx, services, error)
      await traceWallet(ctx, services, error)
      ctx.status = jsonStatus(ctx, error)
      if (error.code === 'invalid_client' && ctx.status === 401) ctx.set('WWW-Authenticate', 'Basic realm="claimgate"')
      ctx.remove('ETag')
      ctx.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache', ...error.headers })
      if (error.retryAfter !== undefined) ctx.set('Retry-After', String(error.retryAfter))
      const code = oauthName[error.code] ?? error.code
      ctx.body = isBareChallenge(error)
        ? ''
        : { error: code === 'invalid_request' ? malformed : code, error_description: described(error.message) }
    }
    if (ctx.response.is('application/json')) ctx.set('Content-Type', 'application/json')
  }

/**
 * For a path that the router knows with other methods: `OPTIONS` is told which, every other method is 405, said as the routes say
 * their errors (RFC 9110 §9.3.7, §15.5.6). Stands behind the router's routes.
 */
export const otherMethods =
  (router: Router, say: Middleware): Middleware =>
  (ctx, next) => {
    const methods = new Set(router.match(ctx.path, ctx.method).path.flatMap((route) => route.methods))
    if (methods.size === 0) return next()
    const headers = { Allow: [...methods].join(', ') }
    return say(ctx, async () => {
      if (ctx.method !== 'OPTIONS')
        throw new ProtocolError('method_not_allowed', 'This method is not served here.', { headers })
      ctx.set(headers)
      ctx.status = 204
    })
  }

const offerIsOver = ['offer-expired', 'offer-used', 'offer-used-up', 'offer-withdrawn', 'pin-burnt', 'issuer-retired']

function pageStatus({ code, help }: ProtocolError): number {
  if (help !== undefined && offerIsOver.includes(help)) return 410
  if (help === 'offer-unknown' || help === 'page-not-found' || help === 'tenant-unknown') return 404
  return code === 'invalid_client' ? 400 : statusOf[code]
}

/** Errors as a readable page, for people. Without a sentence of its own a problem is told as the wallet's or ours. */
export const page =
  (services: Services): Middleware =>
  async (ctx, next) => {
    try {
      await next()
    } catch (caught) {
      const error = asProtocolError(caught)
      record(ctx, services, error)
      const { fill, backToWallet, retryHref, openUntil, retryAfter } = error
      const help = error.help ?? (statusOf[error.code] < 500 ? 'wallet-request' : 'server-error')
      ctx.set(error.headers)
      if (retryAfter !== undefined) ctx.set('Retry-After', String(retryAfter))
      const html = problemPage(await pageContext(services, ctx, ctx.state.issuer as LiveIssuer | undefined), {
        error: error.code,
        help,
        fill,
        backToWallet,
        openUntil,
        retryAfter,
        nothingAdded: ctx.state.issuer !== undefined,
        ...(retryHref !== undefined && { action: { href: retryHref } }),
      })
      sendPage(ctx, html, 'page', pageStatus(error))
    }
  }

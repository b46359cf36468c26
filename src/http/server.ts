import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type Router from '@koa/router'
import Koa, { type Context, type Next } from 'koa'
import mount from 'koa-mount'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { adminApp } from './admin/app.ts'
import { page } from './edge.ts'
import { health } from './operation/health.ts'
import { routeOf } from './record-error.ts'
import { serveStatic } from './static-files.ts'
import { walletApp } from './wallet/app.ts'

const alphabet = '23456789ABCDEFGHJKMNPQRSTVWXYZ'

/** `7KQ4-M2XD`: what a person tells the help desk, and what the log lines of the request have. */
function newReference(random: Services['random']): string {
  const letters = [...random(8)].map((byte) => alphabet[byte % alphabet.length]).join('')
  return `${letters.slice(0, 4)}-${letters.slice(4)}`
}

/** One line a request: never its URL, which may hold a handle. */
const logRequest =
  ({ log, random }: Services) =>
  async (ctx: Context, next: Next) => {
    const startedAt = performance.now()
    ctx.state.reference = newReference(random)
    await next()
    const milliseconds = Math.round((performance.now() - startedAt) * 10) / 10
    log.info(
      { reference: ctx.state.reference, method: ctx.method, route: routeOf(ctx), status: ctx.status, milliseconds },
      'request',
    )
  }

const strictTransport = 'max-age=31536000'

/** The whole edge: admin API, wallet endpoints, pages. `routers` are for the test that walks every route. */
export function serve(
  services: Services,
  stopping: AbortSignal,
  more: Router[] = [],
): { server: Server; routers: Router[] } {
  const app = new Koa()
  app.silent = true
  app.on('error', (error: NodeJS.ErrnoException) => {
    const isGone = error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE'
    if (!isGone) services.log.error({ err: error }, 'Answering failed')
  })
  const secure = services.config.publicUrl.startsWith('https:')
  app.use(async (ctx, next) => {
    await next()
    if (stopping.aborted) ctx.set('Connection', 'close')
  })
  app.use(logRequest(services))
  app.use((ctx, next) => {
    ctx.set('X-Content-Type-Options', 'nosniff')
    if (secure) ctx.set('Strict-Transport-Security', strictTransport)
    return next()
  })
  app.use(page(services))
  const operation = health(services)
  app.use(operation.routes())
  app.use(serveStatic(() => services.configuration.listTenants()))
  app.use(mount('/api', adminApp(services)))
  const wallet = walletApp(services, stopping)
  for (const router of more) app.use(router.routes())
  app.use(mount(wallet.app))
  app.use((ctx) => {
    if (ctx.status === 404) throw new ProtocolError('not_found', 'There is no such page.', { help: 'page-not-found' })
  })
  const server = createServer(
    { maxHeaderSize: 32 * 1024, requestTimeout: 30_000, headersTimeout: 10_000 },
    app.callback(),
  )
  return { server, routers: [operation, ...wallet.routers, ...more] }
}

/** Takes no new connections, lets running requests finish, and after ten seconds waits no longer. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  // One that was busy a moment ago is idle now, and would be kept alive.
  const sweep = setInterval(() => server.closeIdleConnections(), 100)
  const force = setTimeout(() => server.closeAllConnections(), 10_000)
  await closed
  clearInterval(sweep)
  clearTimeout(force)
}

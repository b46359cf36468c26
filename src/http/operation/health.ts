import Router from '@koa/router'
import type { Services } from '../../services.ts'

/** `/healthz`: the process answers. `/readyz`: it can serve, for its database answers. */
export function health({ database, log }: Pick<Services, 'database' | 'log'>): Router {
  const router = new Router()
  router.get('/healthz', (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    ctx.body = { status: 'ok' }
  })
  router.get('/readyz', async (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    try {
      await database.ping()
      ctx.body = { status: 'ok' }
    } catch (error) {
      log.warn({ err: error }, 'Not ready: the database does not answer')
      ctx.status = 503
      ctx.set('Retry-After', '5')
      ctx.body = { status: 'unavailable' }
    }
  })
  return router
}

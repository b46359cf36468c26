import { PassThrough } from 'node:stream'
import type { Middleware } from 'koa'
import { isView } from '../../issuance/find-offer.ts'
import { followOffer } from '../../issuance/follow-offer.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'
import { browserOf } from '../browser.ts'
import { issuerOf } from '../edge.ts'

const everyMs = 1500
const longestMs = 20 * 60_000
const mostStreams = 2000
let streams = 0

/** `{issuer}/offer/{handle}/events`: tells a page that its offer moved on, as server-sent events; what it became, the page itself says. */
export const offerEvents =
  (services: Services, stopping: AbortSignal): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const handle = String(ctx.params.handle)
    const view = typeof ctx.query.view === 'string' && isView(ctx.query.view) ? ctx.query.view : undefined
    const visit = { view, browser: browserOf(ctx, services) }
    let before: string = await followOffer(services, issuer, handle, visit).then(({ state }) => state)
    /** What became of the offer; an outage says nothing of that. */
    const look = () =>
      followOffer(services, issuer, handle, visit).then(
        ({ state }) => state,
        (error) => (error instanceof ProtocolError && error.code === 'temporarily_unavailable' ? before : 'over'),
      )
    if (streams >= mostStreams) {
      ctx.status = 503
      ctx.set('Retry-After', '60')
      return
    }
    streams += 1
    const stream = new PassThrough()
    ctx.set({ 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no', 'Content-Type': 'text/event-stream' })
    ctx.body = stream
    stream.write('retry: 3000\n\n')
    const startedAt = Date.now()
    const end = () => stream.end()
    // The next look begins when the last one has its answer, so that a slow database is not asked ever more often.
    const lookAgain = async () => {
      const now = await look()
      if (stream.writableEnded || stream.destroyed) return
      if (now !== before) stream.write(`event: state\ndata: ${now}\n\n`)
      before = now
      if (Date.now() - startedAt > longestMs) end()
      else timer = setTimeout(lookAgain, everyMs)
    }
    let timer = setTimeout(lookAgain, everyMs)
    stopping.addEventListener('abort', end)
    stream.once('close', () => {
      streams -= 1
      clearTimeout(timer)
      stopping.removeEventListener('abort', end)
    })
  }

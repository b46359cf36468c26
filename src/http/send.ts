import { createHash } from 'node:crypto'
import type { Context, Middleware, Next } from 'koa'
import { contentSecurityPolicy } from './pages/context.ts'

/** Sends a page with the headers of the house. */
export function sendPage(ctx: Context, html: string, kind: keyof typeof contentSecurityPolicy, status = 200): void {
  ctx.status = status
  ctx.type = 'text/html; charset=utf-8'
  ctx.set({
    'Content-Security-Policy': contentSecurityPolicy[kind],
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  })
  ctx.body = html
}

/** JSON, or a text or bytes whose type is set, that may be cached for a while, with an ETag. */
export function sendCached(ctx: Context, body: unknown, seconds: number): void {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
  const text = isRaw ? body : JSON.stringify(body)
  ctx.set({
    'Cache-Control': `public, max-age=${seconds}`,
    ETag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`,
  })
  ctx.status = 200
  if (!isRaw) ctx.type = 'application/json'
  ctx.body = text
  if (ctx.fresh) {
    ctx.status = 304
    ctx.body = null
  }
}

export const noStore: Middleware = async (ctx: Context, next: Next) => {
  ctx.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' })
  await next()
}

import { hash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Context } from 'koa'
import { maxAgeSeconds, type PublishedList } from '../status/publish.ts'

/** What was published, compressed once and not for each who asks. */
const compressed = new WeakMap<PublishedList, Buffer>()

function gzipped(published: PublishedList): Buffer {
  const known = compressed.get(published) ?? gzipSync(published.body)
  compressed.set(published, known)
  return known
}

/**
 * A list whose type is set, with gzip for who takes it (Token Status List §8.1). Its ETag is weak: nodes sign each on their own, so that the
 * bytes differ where the list does not.
 */
export function sendStatusList(ctx: Context, published: PublishedList, now: Date): void {
  const left = Math.floor((published.expiresAt.getTime() - now.getTime()) / 1000)
  ctx.vary('Accept-Encoding')
  const isGzipped = ctx.acceptsEncodings('gzip', 'identity') === 'gzip'
  ctx.set({
    'Cache-Control': `public, max-age=${Math.max(0, Math.min(maxAgeSeconds, left))}`,
    ETag: `W/"${hash('sha256', published.tag, 'base64url').slice(0, 22)}"`,
    ...(isGzipped && { 'Content-Encoding': 'gzip' }),
  })
  ctx.status = 200
  ctx.body = isGzipped ? gzipped(published) : published.body
  if (ctx.fresh) {
    ctx.status = 304
    ctx.body = null
  }
}

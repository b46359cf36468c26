import type { Middleware } from 'koa'
import type { LiveTenant } from '../model/live.ts'
import { immutable, staticFiles } from './pages/static.ts'
import { type CredentialColours, stylesheet } from './pages/theme.ts'

const defaultAccent = '#0d6157'
const sheets = new Map<string, string>()
const names = new WeakMap<LiveTenant, string>()
const mostSheets = 1000

function themeOf(tenant: LiveTenant | undefined): { accent: string; credentials: Record<string, CredentialColours> } {
  const credentials: Record<string, CredentialColours> = {}
  for (const issuer of tenant?.issuers.values() ?? []) {
    for (const [id, { display }] of issuer.configurations) {
      credentials[id] = { background: display?.[0]?.background_color, text: display?.[0]?.text_color }
    }
  }
  return { accent: tenant?.settings.accent ?? defaultAccent, credentials }
}

/** The address of a tenant's stylesheet: made once for each version of its configuration, under a name with its hash. */
export function stylesheetOf(tenant: LiveTenant | undefined): string {
  const known = tenant && names.get(tenant)
  if (known) return `/static/${known}`
  const { name, css } = stylesheet(themeOf(tenant))
  for (const [oldest] of sheets) if (sheets.size >= mostSheets) sheets.delete(oldest)
  sheets.set(name, css)
  if (tenant) names.set(tenant, name)
  return `/static/${name}`
}

/** `/static/…`: what pages need. A stylesheet that this node has not made yet is made when `tenants` names its tenant. */
export function serveStatic(tenants: () => Promise<LiveTenant[]>): Middleware {
  const files = staticFiles()
  return async (ctx, next) => {
    const name = /^\/static\/([A-Za-z0-9._-]+)$/.exec(ctx.path)?.[1]
    if (name === undefined || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next()
    if (!sheets.has(name) && name.endsWith('.css')) {
      // Another node wrote the page: its stylesheet has the same name here.
      stylesheetOf(undefined)
      for (const tenant of await tenants()) stylesheetOf(tenant)
    }
    const css = sheets.get(name)
    const file = css === undefined ? files.get(name) : { type: 'text/css; charset=utf-8', body: css }
    if (!file) return next()
    ctx.set({ 'Cache-Control': immutable, 'X-Content-Type-Options': 'nosniff' })
    ctx.type = file.type
    ctx.body = file.body
  }
}

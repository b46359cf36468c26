import type { Context } from 'koa'
import { contentSecurityPolicy, type PageContext } from '../http/pages/context.ts'
import { layout } from '../http/pages/layout.ts'
import { badge } from '../http/pages/parts.ts'
import { assetsBelow, immutable, staticFiles } from '../http/pages/static.ts'
import { languageOf } from '../http/pages/texts/index.ts'
import { type CredentialColours, stylesheet } from '../http/pages/theme.ts'
import { html, type Markup } from '../lib/html.ts'

/** What a page of the demo needs of its request. */
type PageRequest = Pick<Context, 'originalUrl' | 'query' | 'get'>

/** The frame of the demo's own pages, and the files they need, below the demo's address. */
export type DemoPages = {
  /** With the colours of credentials, each under its configuration's id. */
  context(request: PageRequest, colours?: Record<string, CredentialColours>): PageContext
  /** Answers with a file of `/static/`, if there is one of this name. */
  serve(ctx: Pick<Context, 'set' | 'body' | 'type'>, name: string): void
}

export const pageHeaders = {
  'Content-Security-Policy': contentSecurityPolicy.form,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** Colours come from any issuer whose offer is opened. */
const mostStylesheets = 200

/** `base` is the path of the demo's address, without a slash at its end. */
export function demoPages(base: string): DemoPages {
  const files = staticFiles()
  const assets = assetsBelow(`${base}/static/`)
  const stylesheets = new Map<string, string>()

  function styles(credentials: Record<string, CredentialColours>): string {
    const { name, css } = stylesheet({ accent: '#0d6157', credentials })
    for (const [oldest] of stylesheets) if (stylesheets.size >= mostStylesheets) stylesheets.delete(oldest)
    stylesheets.set(name, css)
    return `${base}/static/${name}`
  }
  return {
    context(ctx, colours = {}) {
      const { originalUrl, query } = ctx
      const asked = typeof query.lang === 'string' ? query.lang : undefined
      const language = languageOf(ctx.get('accept-language'), asked)
      return { demo: true, assets, stylesheet: styles(colours), path: originalUrl, language }
    },
    serve(ctx, name) {
      const css = stylesheets.get(name)
      const file = css === undefined ? files.get(name) : { type: 'text/css; charset=utf-8', body: css }
      if (!file) return
      ctx.set({ 'Cache-Control': immutable, 'X-Content-Type-Options': 'nosniff' })
      ctx.body = file.body
      ctx.type = file.type
    },
  }
}

/** A page of the demo under the wallet's mark. */
export function demoPage(context: PageContext, title: string, main: Markup, wide = false): string {
  const brand = { name: context.language === 'de' ? 'Demo-Wallet' : 'Demo wallet', logo: context.assets['wallet.svg'] }
  return layout(context, { title, main, wide, brand })
}

type Problem = {
  code: string
  description: string
  /** Where another try begins. */
  again?: string
}

/** What went wrong, for developers: with the code, which the holder's pages do not show. */
export function demoProblem(context: PageContext, problem: Problem): string {
  const german = context.language === 'de'
  const title = german ? 'Hier geht es nicht weiter' : 'This did not work'
  const main = html`
    <article class="card" id="problem" data-error="${problem.code}">
      ${badge('caution', 'warn')}
      <h1>${title}</h1>
      <dl class="facts">
        <div><dt>error</dt><dd><code>${problem.code}</code></dd></div>
      </dl>
      <p lang="en">${problem.description}</p>
      ${problem.again && html`<div class="buttons"><a class="button" id="try-again" href="${problem.again}">${german ? 'Neu beginnen' : 'Start again'}</a></div>`}
    </article>`
  return demoPage(context, title, main)
}

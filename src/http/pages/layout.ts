import { html, link, type Markup, raw } from '../../lib/html.ts'
import { ownImage, type PageContext } from './context.ts'
import { languages, type Say, sentencesIn } from './texts/index.ts'

type Page = {
  title: string
  main: Markup
  wide?: boolean
  /** Loads the script that follows the state of an offer. */
  live?: boolean
  /** Instead of the issuer's name and logo. */
  brand?: { name: string; logo?: string | undefined; logoDark?: string | undefined } | undefined
  /** Whether the foot gives the reference; a problem page gives it itself. */
  reference?: boolean
}

/** The address of this page in another language: every other parameter stays. */
function inLanguage(path: string, language: string): string {
  const query = new URLSearchParams(path.includes('?') ? path.slice(path.indexOf('?') + 1) : '')
  query.set('lang', language)
  return `?${query}`
}

function languageLinks({ language, path }: PageContext, say: Say): Markup | undefined {
  if (path === undefined) return undefined
  const entries = Object.entries(languages).map(([code, name]) =>
    code === language
      ? html`<span aria-current="true">${name}</span>`
      : html`<a href="${inLanguage(path, code)}" lang="${code}" hreflang="${code}">${name}</a>`,
  )
  return html`<nav class="languages" aria-label="${say('language')}">${entries}</nav>`
}

function brandMark({ name, logo, logoDark }: NonNullable<Page['brand']>): Markup {
  const [light, dark] = [ownImage(logo), ownImage(logoDark)]
  const source = dark && html`<source srcset="${dark}" media="(prefers-color-scheme: dark)">`
  const image = light && html`<picture>${source}<img src="${light}" alt="" width="28" height="28"></picture>`
  return html`<div class="brand">${image}${name}</div>`
}

function foot({ issuer, reference, demo }: PageContext, say: Say, withReference: boolean): Markup {
  const help = issuer?.help?.uri ?? (issuer?.help?.email && `mailto:${issuer.help.email}`)
  const links = [
    [help, say('help')],
    [issuer?.privacyUri, say('privacy')],
    [issuer?.imprintUri, say('imprint')],
  ] as const
  const items = links.map(([href, name]) => href && html`<li><a href="${link(href)}">${name}</a></li>`).filter(Boolean)
  return html`
  <footer class="foot">
    <div>
      ${issuer && html`<p>${say('issued-by')} <strong>${issuer.name}</strong>, ${issuer.identifier.replace(/^https?:\/\//, '')}</p>`}
      ${withReference && reference && html`<p>${say('reference')} <span class="number">${reference}</span></p>`}
      ${demo && html`<p>${say('demo-foot')}</p>`}
    </div>
    ${items.length > 0 && html`<ul>${items}</ul>`}
  </footer>`
}

/** A whole page: head, top, main, foot. */
export function layout(context: PageContext, page: Page): string {
  const { language, issuer, assets } = context
  const say = sentencesIn(language)
  const claimgate = { name: 'Claimgate', logo: assets['claimgate.svg'], logoDark: assets['claimgate-dark.svg'] }
  const brand = page.brand ?? issuer ?? claimgate
  const logo = ownImage(brand.logo)
  const icon = logo === undefined || logo.startsWith('data:') ? assets['claimgate.svg'] : logo
  return html`<!doctype html>
<html lang="${language}" dir="ltr">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="robots" content="noindex">
  <title>${page.title}${issuer && ` – ${issuer.name}`}</title>
  <link rel="stylesheet" href="${context.stylesheet}">
  <link rel="icon" href="${icon}">
  ${page.live && html`<script src="${assets['live.js']}" defer></script>`}
</head>
<body>
  <a class="skip" href="#main">${say('skip')}</a>
  <header class="top">
    ${brandMark(brand)}
    ${languageLinks(context, say)}
  </header>
  ${page.live && raw('<p class="hidden" id="announce" role="status"></p>')}
  <main id="main" class="page${page.wide && ' page-wide'}">
    ${page.main}
  </main>
  ${foot(context, say, page.reference !== false)}
</body>
</html>
`.toString()
}

/** A page with any content, for programs that have pages of their own. */
export const plainPage = ({ context, title, body, wide }: PlainPage): string =>
  layout(context, { title, main: body, ...(wide !== undefined && { wide }) })
type PlainPage = { context: PageContext; title: string; body: Markup; wide?: boolean }

import type { Context } from 'koa'
import { inLanguage } from '../model/display.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import type { PageContext, PageIssuer } from './pages/context.ts'
import { assetsBelow } from './pages/static.ts'
import { type Language, languageOf } from './pages/texts/index.ts'
import { stylesheetOf } from './static-files.ts'

/** Who speaks on the pages of an issuer: its own display, else its tenant's, else its name. */
export function pageIssuer(issuer: LiveIssuer, language: Language): PageIssuer {
  const { help, privacy_uri, imprint_uri, time_zone } = issuer.tenant.settings
  const display = inLanguage(issuer.settings.display, language) ?? inLanguage(issuer.tenant.settings.display, language)
  const tenant = inLanguage(issuer.tenant.settings.display, language)
  return {
    name: display?.name ?? issuer.name,
    host: new URL(issuer.identifier).host,
    identifier: issuer.identifier,
    logo: display?.logo?.uri ?? tenant?.logo?.uri,
    logoDark: display?.logo_dark?.uri ?? tenant?.logo_dark?.uri,
    help: help && { name: help.name?.[language], email: help.email, uri: help.uri },
    privacyUri: privacy_uri,
    imprintUri: imprint_uri,
    timeZone: time_zone,
  }
}

/** Whether a link to this address leads to the same page: not to what a form was answered with, nor to what a provider's answer led to. */
const isShownAgain = (ctx: Context): boolean =>
  ctx.method === 'GET' && (ctx.params as { identityProvider?: string } | undefined)?.identityProvider === undefined

/** What every page is given: language, issuer, reference number, stylesheet. */
export async function pageContext(
  services: Pick<Services, 'clock' | 'config'>,
  ctx: Context,
  issuer?: LiveIssuer,
): Promise<PageContext> {
  const asked = typeof ctx.query.lang === 'string' ? ctx.query.lang : undefined
  const language = languageOf(ctx.get('accept-language'), asked)
  return {
    language,
    path: isShownAgain(ctx) ? ctx.originalUrl : undefined,
    issuer: issuer && pageIssuer(issuer, language),
    reference: ctx.state.reference as string | undefined,
    stylesheet: stylesheetOf(issuer?.tenant),
    assets: assetsBelow('/static/'),
    demo: services.config.demo,
    now: services.clock(),
  }
}

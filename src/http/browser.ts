import type { Context } from 'koa'
import type { Browser } from '../issuance/open-sign-in.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { languageOf } from './pages/texts/index.ts'

const keptSeconds = 3600
const rememberedSeconds = 180 * 86_400

const isSecure = ({ config }: Pick<Services, 'config'>) => config.publicUrl.startsWith('https:')
const named = (services: Pick<Services, 'config'>, name: string) =>
  `${isSecure(services) ? '__Host-' : ''}claimgate-${name}`

/** Set by hand: the cookie library takes a proxy's TLS for none, and refuses `Secure`. */
function setCookie(ctx: Context, services: Pick<Services, 'config'>, name: string, value: string, seconds: number) {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Lax', `Max-Age=${seconds}`]
  ctx.append(
    'Set-Cookie',
    [`${named(services, name)}=${value}`, ...attributes, ...(isSecure(services) ? ['Secure'] : [])].join('; '),
  )
}

/** One cookie per sign-in: whoever holds it began it. */
export const keepSignIn = (ctx: Context, services: Services, { id, cookie }: { id: string; cookie: string }) =>
  setCookie(ctx, services, id, cookie, keptSeconds)

/** The provider chosen last at an issuer, so that the chooser can say so. */
const lastName = ({ tenant, name }: LiveIssuer) => `last-${tenant.name}-${name}`
export const lastProvider = (ctx: Context, services: Services, issuer: LiveIssuer): string | undefined =>
  ctx.cookies.get(named(services, lastName(issuer)))
export const rememberProvider = (ctx: Context, services: Services, issuer: LiveIssuer, id: string) =>
  setCookie(ctx, services, lastName(issuer), id, rememberedSeconds)

const languageTag = /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i

/** `Accept-Language` as `ui_locales` (OIDC Core §3.1.2.1): what is liked best comes first. */
function localesOf(acceptLanguage: string): string | undefined {
  const wishes = acceptLanguage.split(',').map((entry) => {
    const [tag = '', ...parameters] = entry.split(';').map((part) => part.trim())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    return { tag, weight: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
  })
  const liked = wishes.filter(({ tag, weight }) => weight > 0 && languageTag.test(tag))
  const tags = liked.toSorted((a, b) => b.weight - a.weight).map(({ tag }) => tag)
  return tags.length > 0 ? tags.slice(0, 5).join(' ') : undefined
}

/** The browser as use cases know it. */
export const browserOf = (ctx: Context, services: Services): Browser => ({
  cookie: (id) => ctx.cookies.get(named(services, id)),
  language: languageOf(ctx.get('accept-language')),
  locales: localesOf(ctx.get('accept-language')),
  reference: ctx.state.reference as string | undefined,
})

/** 303, so that a form's POST is followed by a GET and never sent on (RFC 9700 §4.12). The address may be of an app's scheme. */
export function seeOther(ctx: Context, url: string): void {
  ctx.status = 303
  ctx.set({ Location: url, 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' })
  ctx.body = ''
}

import type { Context, Middleware } from 'koa'
import { isView } from '../../issuance/find-offer.ts'
import { type FollowedOffer, followOffer, type GuardedOffer } from '../../issuance/follow-offer.ts'
import { beginOfferSignIn } from '../../issuance/offer-sign-in.ts'
import { credentialName, providerName } from '../../model/display.ts'
import type { LiveIssuer } from '../../model/live.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'
import { browserOf, keepSignIn, seeOther } from '../browser.ts'
import { issuerOf } from '../edge.ts'
import { pageCredential } from '../names.ts'
import { pageContext } from '../page-context.ts'
import { sendPage } from '../send.ts'
import { offerPage } from './offer.ts'
import { offerSignInPage } from './offer-sign-in.ts'
import type { Language } from './texts/index.ts'

/** The view of a shared offer that this page shows; a page without one is given one, so that it follows only itself. */
const viewOf = (ctx: Context) =>
  typeof ctx.query.view === 'string' && isView(ctx.query.view) ? ctx.query.view : undefined

/** `{issuer}/offer/{handle}`: QR code, link, and what became of it. */
export const showOfferPage =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const [handle, view] = [String(ctx.params.handle), viewOf(ctx)]
    const offer = await followOffer(services, issuer, handle, { view, browser: browserOf(ctx, services) })
    if (offer.state === 'guarded') return sendSignIn(ctx, services, offer)
    if (offer.shared && view === undefined) {
      const query = new URLSearchParams(ctx.querystring)
      query.set('view', services.random(16).toString('base64url'))
      ctx.status = 303
      ctx.set('Cache-Control', 'no-store')
      ctx.redirect(`${new URL(issuer.identifier).pathname}/offer/${handle}?${query}`)
      return
    }
    const context = await pageContext(services, ctx, issuer)
    const { language } = context
    if (!offer.shared && offer.state === 'opened' && Object.keys(offer.credentialOffer.grants).length === 0) {
      // Spent, but no credential was fetched yet: the wallet is at it, or gave up.
      if (offer.expiresAt <= services.clock()) throw usedUp(offer, issuer, language)
    }
    const address = `${new URL(issuer.identifier).pathname}/offer/${handle}/events${offer.shared ? `?view=${view}` : ''}`
    const html = offerPage(context, {
      state: offer.state,
      credentials: offer.terms.configurationIds.map((id) => pageCredential(issuer, id, language)),
      link: offer.link,
      demoWallet: services.config.demo ? demoWalletLink(services, offer) : undefined,
      signIn: offer.terms.grants.includes('pre_authorized_code')
        ? undefined
        : { providers: providersOf(issuer, offer, language) },
      pin: offer.terms.txCode && {
        length: offer.terms.txCode.length,
        digits: offer.terms.txCode.input_mode === 'numeric',
        value: offer.txCode,
      },
      shared: offer.shared,
      expiresAt: offer.expiresAt,
      live: address,
    })
    sendPage(ctx, html, 'live')
  }

/** Before the offer's person has signed in: nothing of it is in this page. */
async function sendSignIn(ctx: Context, services: Services, { terms, expiresAt }: GuardedOffer): Promise<void> {
  const issuer = issuerOf(ctx)
  const context = await pageContext(services, ctx, issuer)
  const credentials = terms.configurationIds.map((id) => pageCredential(issuer, id, context.language))
  const [provider] = providersOf(issuer, { terms }, context.language)
  sendPage(ctx, offerSignInPage(context, { credentials, provider, expiresAt }), 'form')
}

/** Where the form of that page is sent: on to the provider. */
export const signInToOffer =
  (services: Services): Middleware =>
  async (ctx) => {
    const browser = browserOf(ctx, services)
    const begun = await beginOfferSignIn(services, issuerOf(ctx), String(ctx.params.handle), browser)
    keepSignIn(ctx, services, begun)
    seeOther(ctx, begun.redirect)
  }

const usedUp = (offer: FollowedOffer, issuer: LiveIssuer, language: Language) =>
  new ProtocolError('gone', 'The offer was used.', {
    help: 'offer-used',
    fill: { credential: credentialName(issuer, offer.terms.configurationIds[0] ?? '', language) },
  })

/** By the names that people know; if one has none, none is named, for nobody has "a keycloak". */
function providersOf(issuer: LiveIssuer, { terms }: Pick<FollowedOffer, 'terms'>, language: Language): string[] {
  const providers = issuer.identityProviders
    .filter(({ id }) => terms.authorizationServer === undefined && (terms.identityProvider ?? id) === id)
    .flatMap(({ id }) => issuer.tenant.identityProviders.get(id) ?? [])
    .filter(({ disabled }) => !disabled)
  return providers.every(({ display }) => display) ? providers.map((one) => providerName(one, language)) : []
}

const demoWalletLink = ({ config }: Services, offer: FollowedOffer): string =>
  `${config.demoUrl}/wallet?${new URL(offer.link.replace(/^[^?]*\?/, 'http://x/?')).searchParams}`

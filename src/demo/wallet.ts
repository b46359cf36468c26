import { randomBytes } from 'node:crypto'
import Koa, { type Context } from 'koa'
import { WalletError } from '../wallet/errors.ts'
import type { Fetch } from '../wallet/exchange.ts'
import { demoPages, demoProblem, pageHeaders } from './pages.ts'
import { readForm } from './sign-in.ts'
import { credentialPage } from './wallet-credential-page.ts'
import { coloursOf } from './wallet-display.ts'
import {
  beginJourney,
  beginSignIn,
  type DemoWallet,
  finishSignIn,
  isPreAuthorized,
  type Journey,
  redeemOffer,
} from './wallet-journey.ts'
import { offerPage, welcomePage } from './wallet-pages.ts'

const cookie = 'claimgate-demo-wallet'
const journeySeconds = 3600
const mostJourneys = 1000

type DemoWalletOptions = {
  fetch: Fetch
  clock: () => Date
  /** The demo's address; the wallet is at `/wallet` below it. */
  publicUrl: string
}

/** The journeys of all browsers, in memory: a demo may forget them. */
function memory(clock: () => Date) {
  const journeys = new Map<string, { journey: Journey; expiresAt: number }>()
  return {
    find: (id: string | undefined) => {
      const found = journeys.get(id ?? '')
      return found && found.expiresAt > clock().getTime() ? found.journey : undefined
    },
    save: (journey: Journey): string => {
      for (const [id, { expiresAt }] of journeys) {
        if (expiresAt <= clock().getTime() || journeys.size >= mostJourneys) journeys.delete(id)
      }
      const id = randomBytes(32).toString('base64url')
      journeys.set(id, { journey, expiresAt: clock().getTime() + journeySeconds * 1000 })
      return id
    },
  }
}

function show(ctx: Context, page: string, status = 200): void {
  ctx.status = status
  ctx.type = 'html'
  ctx.body = page
}

/**
 * The demo wallet: an OpenID4VCI wallet in a browser, so that a first credential needs no phone. It speaks the standard
 * and knows nothing else of the issuer. For `/wallet` on the demo provider's port.
 */
export function demoWallet({ fetch, clock, publicUrl }: DemoWalletOptions): Koa {
  const base = new URL(publicUrl).pathname.replace(/\/$/, '')
  const home = `${base}/wallet`
  const pages = demoPages(home)
  const demo: DemoWallet = { fetch, clock, redirectUri: `${publicUrl}/wallet/callback` }
  const journeys = memory(clock)
  const app = new Koa()

  const current = (ctx: Context): Journey => {
    const journey = journeys.find(ctx.cookies.get(cookie))
    if (!journey) throw new WalletError('no_offer', 'No offer is open in this browser. Open the offer again.')
    return journey
  }
  const page = (ctx: Context) => pages.context(ctx, coloursOf(current(ctx)))
  const seeOther = (ctx: Context, url: string | URL) => {
    ctx.redirect(String(url))
    ctx.status = 303
  }

  const takeOffer = async (ctx: Context) => {
    const { searchParams } = ctx.URL
    const pasted = searchParams.get('offer')
    const isLink = searchParams.has('credential_offer') || searchParams.has('credential_offer_uri')
    if (pasted === null && !isLink) return show(ctx, welcomePage(pages.context(ctx), home))
    const journey = await beginJourney(demo, pasted?.trim() ?? `openid-credential-offer://${ctx.search}`)
    const secure = publicUrl.startsWith('https:')
    const id = journeys.save(journey)
    ctx.cookies.set(cookie, id, { httpOnly: true, sameSite: 'lax', secure, path: home, overwrite: true })
    seeOther(ctx, `${home}/offer`)
  }

  const acceptOffer = async (ctx: Context) => {
    const journey = current(ctx)
    const form = await readForm(ctx.req)
    if (form.has('sign-in') || !isPreAuthorized(journey)) return seeOther(ctx, await beginSignIn(demo, journey))
    delete journey.refused
    try {
      await redeemOffer(journey, form.get('tx_code') ?? undefined)
    } catch (error) {
      // A wrong PIN leaves the offer open, so that the page asks again.
      if (!(error instanceof WalletError) || !form.has('tx_code') || error.code !== 'invalid_grant') throw error
      journey.refused = error
      return seeOther(ctx, `${home}/offer`)
    }
    seeOther(ctx, `${home}/credential`)
  }

  const finish = async (ctx: Context) => {
    await finishSignIn(demo, current(ctx), ctx.URL.searchParams)
    seeOther(ctx, `${home}/credential`)
  }

  const routes: Record<string, (ctx: Context) => unknown> = {
    'GET /wallet': takeOffer,
    'GET /wallet/offer': (ctx) => show(ctx, offerPage(page(ctx), current(ctx), `${home}/accept`)),
    'POST /wallet/accept': acceptOffer,
    'GET /wallet/callback': finish,
    'GET /wallet/credential': (ctx) => show(ctx, credentialPage(page(ctx), current(ctx), home)),
  }

  app.proxy = true
  app.use(async (ctx) => {
    if (ctx.path.startsWith('/wallet/static/')) return pages.serve(ctx, ctx.path.slice('/wallet/static/'.length))
    ctx.set(pageHeaders)
    const method = ctx.method === 'HEAD' ? 'GET' : ctx.method
    const route = routes[`${method} ${ctx.path.replace(/\/$/, '')}`]
    const fail = (status: number, code: string, description: string) =>
      show(ctx, demoProblem(pages.context(ctx), { code, description, again: home }), status)
    if (!route) return fail(404, 'not_found', 'There is no page at this address.')
    try {
      await route(ctx)
    } catch (error) {
      if (error instanceof WalletError) return fail(400, error.code, error.message)
      fail(502, 'server_error', 'The wallet could not reach the issuer, or failed itself.')
    }
  })
  return app
}

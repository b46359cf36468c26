import { html, link, type Markup } from '../../lib/html.ts'
import type { PageContext } from './context.ts'
import { credentialCard, namesOf, type PageCredential, progress } from './parts.ts'
import { type Pin, pinNotice } from './pin-notice.ts'
import { momentIn, type Say, sentencesIn } from './texts/index.ts'

/** What an offer page shows. */
export type OfferPage = {
  state: 'waiting' | 'opened' | 'signing-in' | 'issued' | 'declined'
  credentials: readonly PageCredential[]
  /** The credential offer with its scheme: what the button opens and the QR code holds. */
  link: string
  /** The same offer for the demo wallet. */
  demoWallet?: string | undefined
  /** The display names of the providers, if the offer needs a sign-in. */
  signIn?: { providers: readonly string[] } | undefined
  pin?: Pin | undefined
  /** Which names stand in "Open to every …": a shared offer with one provider. */
  shared?: boolean | undefined
  expiresAt?: Date | undefined
  /** The address of the events that `live.js` follows. */
  live?: string | undefined
}

/** What happens from here to the wallet, as the person sees it. */
export function stepsOf(say: Say, { signIn, pin, credentials }: OfferPage, credential: string): string[] {
  const [provider, ...others] = signIn?.providers ?? []
  const named = provider !== undefined && others.length === 0
  const signInStep = named ? say('step-sign-in', { provider }) : say('step-sign-in-any')
  const middle = [...(signIn ? [signInStep] : []), ...(pin ? [say('step-pin')] : [])]
  const done = credentials.length > 1 ? say('all-done') : say('step-done', { credential })
  return [say('step-open'), ...middle, say('step-agree'), done]
}

/** What the page says in each state but `waiting`: title, sentence, and how many steps are behind. */
function following(context: PageContext, offer: OfferPage): { title: string; text: string; done: number } {
  const say = sentencesIn(context.language)
  const { state, credentials, signIn, expiresAt } = offer
  const credential = namesOf(context, credentials)
  switch (state) {
    case 'opened':
      return { title: say('state-opened'), text: say(signIn ? 'state-opened-text' : 'state-opened-accept'), done: 1 }
    case 'signing-in':
      return { title: say('state-signing-in'), text: say('state-signing-in-text'), done: 1 }
    case 'issued': {
      const title = credentials.length > 1 ? say('all-done') : say('state-issued', { credential })
      return { title, text: say('state-issued-text'), done: Number.POSITIVE_INFINITY }
    }
    default: {
      const time = expiresAt && momentIn(context.language, expiresAt, context.issuer?.timeZone ?? 'UTC', context.now)
      return {
        title: say('state-declined'),
        text: time ? say('state-declined-text', { time }) : say('state-declined-open'),
        done: 0,
      }
    }
  }
}

/** The attribute that tells `live.js` where the events are. */
export const liveAddress = ({ live }: OfferPage): Markup | undefined =>
  live === undefined ? undefined : html` data-live="${live}"`

/** Every other state: what has happened so far, and what is next. */
export function followed(context: PageContext, offer: OfferPage): { title: string; main: Markup } {
  const say = sentencesIn(context.language)
  const { state, credentials, pin } = offer
  const [issuer, credential] = [context.issuer?.name ?? '', namesOf(context, credentials)]
  const { title, text, done } = following(context, offer)
  const over = state === 'issued'
  const note = state === 'signing-in' ? say('step-in-progress') : undefined
  const next =
    state === 'declined'
      ? html`<a class="button" id="open-wallet" href="${link(offer.link)}">${say('open-wallet')}</a>`
      : html`<p class="quiet">${say('state-not-you', { issuer })}</p>
      <a class="button button-second" id="check-now" href="">${say('check-now')}</a>`
  const main = html`
    <article class="card" id="state"${!over && liveAddress(offer)}>
      <div class="stack tight">
        <p class="eyebrow">${credential}</p>
        <h1>${title}</h1>
        <p class="lead">${text}</p>
      </div>
      ${state === 'opened' && pin?.value !== undefined && pinNotice(say, pin)}
      ${credentials.slice(0, 1).map((first) => credentialCard({ ...first, issuer, logo: context.issuer?.logo }))}
      ${progress(say, { steps: stepsOf(say, offer, credential), done, live: !over, note })}
      ${!over && next}
    </article>`
  return { title, main }
}

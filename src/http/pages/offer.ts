import { html, link, type Markup } from '../../lib/html.ts'
import type { PageContext } from './context.ts'
import { layout } from './layout.ts'
import { followed, liveAddress, type OfferPage, stepsOf } from './offer-state.ts'
import { credentialCard, icon, namesOf, type PageCredential, progress, whatGoesIn } from './parts.ts'
import { pinNotice } from './pin-notice.ts'
import { qrCode } from './qr.ts'
import { momentIn, type Say, sentencesIn } from './texts/index.ts'

function actions(say: Say, issuer: string, offer: OfferPage): Markup {
  const { pin, demoWallet } = offer
  const code = qrCode(offer.link, say('qr-label'))
  const button = html`<span class="narrow">${say('open-wallet')}</span><span class="roomy">${say('open-wallet-here')}</span>`
  return html`
      <div class="action">
        ${pin && pinNotice(say, pin)}
        <a id="open-wallet" class="button" href="${link(offer.link)}">${icon('phone')}${button}</a>
        ${demoWallet && html`<a id="open-demo-wallet" class="button button-second" href="${link(demoWallet)}">${say('open-demo-wallet')}</a>`}
        ${
          code &&
          html`<details class="other-device"><summary>${say('other-device')}</summary></details>
        <figure class="qr">
          ${code}
          <figcaption class="quiet">${say('qr-caption')}</figcaption>
        </figure>
        <p class="or" aria-hidden="true">${say('or')}</p>`
        }
        <details><summary>${say('no-wallet')}</summary><p class="quiet">${say('no-wallet-help', { issuer })}${demoWallet && ` ${say('demo-wallet-hint')}`}</p></details>
      </div>`
}

function waiting(context: PageContext, offer: OfferPage): Markup {
  const say = sentencesIn(context.language)
  const { credentials, signIn, expiresAt } = offer
  const [issuer, credential] = [context.issuer?.name ?? '', namesOf(context, credentials)]
  const [provider] = signIn?.providers.length === 1 ? signIn.providers : []
  const timeZone = context.issuer?.timeZone ?? 'UTC'
  const time = expiresAt && momentIn(context.language, expiresAt, timeZone, context.now)
  const first = credentials.length === 1 ? credentials[0] : undefined
  const card = ({ id, name }: PageCredential, small = false) =>
    credentialCard({ id, name, issuer, logo: context.issuer?.logo, small })
  return html`
    <article class="card offer" id="state"${liveAddress(offer)}>
      <div class="about${first && ' title'}">
        <div class="stack tight">
          <p class="eyebrow">${say('offer-from', { issuer })}</p>
          <h1>${credential}</h1>
          <p class="lead">${say('offer-lead')}</p>
        </div>
        ${first ? card(first) : html`<div class="handover">${credentials.slice(0, 3).map((each) => card(each, true))}</div>`}
      </div>
      ${actions(say, issuer, offer)}
      <div class="about">
        <section class="stack">
          <h2>${say('steps')}</h2>
          ${progress(say, { steps: stepsOf(say, offer, credential), done: 0, live: true })}
        </section>
        ${whatGoesIn(say, credentials)}
        <p class="quiet">${time && `${say('offer-until', { time })} `}${offer.shared && provider && `${say('offer-shared', { provider })} `}<a id="check-now" href="">${say('check-now')}</a></p>
      </div>
    </article>`
}

/**
 * The offer page: QR code and link while it waits for a wallet, then what happens there. An offer that is over has a
 * problem page instead (`offer-expired`, `offer-used`, `offer-withdrawn`), answered with 410.
 */
export function offerPage(context: PageContext, offer: OfferPage): string {
  const live = offer.live !== undefined && offer.state !== 'issued'
  if (offer.state !== 'waiting') return layout(context, { ...followed(context, offer), live })
  return layout(context, {
    title: namesOf(context, offer.credentials),
    main: waiting(context, offer),
    wide: true,
    live,
  })
}

import type { PageContext } from '../http/pages/context.ts'
import { credentialCard } from '../http/pages/parts.ts'
import { listIn } from '../http/pages/texts/index.ts'
import { html, type Markup } from '../lib/html.ts'
import { preAuthorizedCode } from '../wallet/messages.ts'
import { demoPage } from './pages.ts'
import { described, issuerName, sayIn } from './wallet-display.ts'
import { isBySignIn, isPreAuthorized, type Journey } from './wallet-journey.ts'

/** Where an offer can be pasted. */
export function welcomePage(context: PageContext, address: string): string {
  const say = sayIn(context)
  const main = html`
    <form class="card" method="get" action="${address}">
      <h1>${say('welcome')}</h1>
      <p class="lead">${say('welcome-text')}</p>
      <div class="field">
        <label for="offer">${say('link')}</label>
        <input id="offer" name="offer" autocomplete="off" autocapitalize="none" spellcheck="false" required>
      </div>
      <div class="buttons"><button class="button" id="open-offer">${say('open')}</button></div>
    </form>`
  return demoPage(context, say('welcome'), main)
}

function pinField(context: PageContext, journey: Journey): Markup | undefined {
  const say = sayIn(context)
  const code = journey.offer.grants[preAuthorizedCode]?.tx_code
  if (!code) return undefined
  const wrong = journey.refused
  const error =
    wrong &&
    html`<p class="field-error" id="tx-code-error">${say('pin-wrong')} <code>${wrong.code}</code>: ${wrong.message}</p>`
  return html`
      <div class="field">
        <label for="tx-code">${say('pin')}</label>
        ${code.description && html`<p class="quiet">${code.description}</p>`}
        <input id="tx-code" name="tx_code" inputmode="${code.input_mode}" autocomplete="one-time-code"${code.length && html` maxlength="${code.length}"`}${wrong && html` aria-invalid="true" aria-describedby="tx-code-error"`} required>
        ${error}
      </div>`
}

/** What is offered, by whom, and what the person does to take it. */
export function offerPage(context: PageContext, journey: Journey, address: string): string {
  const say = sayIn(context)
  const issuer = issuerName(context, journey)
  const offered = journey.offer.credential_configuration_ids.map((id) => described(context, journey, id))
  const title = listIn(
    context.language,
    offered.map(({ name }) => name),
  )
  const withoutSignIn = isPreAuthorized(journey)
  const signIn = html`<button class="button${withoutSignIn && ' button-second'}" id="accept-sign-in" name="sign-in" value="1" formnovalidate>${say(withoutSignIn ? 'sign-in-instead' : 'sign-in')}</button>`
  const main = html`
    <form class="card" method="post" action="${address}">
      <div class="stack tight">
        <p class="eyebrow">${say('offer-from', { issuer })}</p>
        <h1>${title}</h1>
        <p class="lead">${say('offer-text')}</p>
      </div>
      ${offered.map(({ id, name }) => credentialCard({ id, name, issuer }))}
      <dl class="facts">
        <div><dt>${say('from')}</dt><dd>${issuer}<small>${journey.offer.credential_issuer}</small></dd></div>
      </dl>
      <section class="stack">
        <h2>${say('what-goes-in')}</h2>
        ${offered.map(({ claims }) => html`<ul class="names">${[...claims.values()].map((name) => html`<li>${name}</li>`)}</ul>`)}
      </section>
      ${pinField(context, journey)}
      <div class="buttons">
        ${withoutSignIn && html`<button class="button" id="accept">${say('accept')}</button>`}
        ${isBySignIn(journey) && signIn}
      </div>
    </form>`
  return demoPage(context, title, main)
}

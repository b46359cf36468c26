import { html, link, type Markup } from '../../lib/html.ts'
import type { PageContext } from './context.ts'
import { layout } from './layout.ts'
import { credentialCard, notice } from './parts.ts'
import { type Say, sentencesIn } from './texts/index.ts'

/** An offer of the demo and how it is delivered: a shared QR code, a personal link with PIN, or both without PIN. */
export type DemoOffer = {
  /** The issuer's name in its address, for the id `offer-{issuer}`. */
  issuer: string
  issuerName: string
  logo?: string | undefined
  credential: { id: string; name: string }
  delivery: 'qr' | 'link' | 'both'
  href: string
  /** The PIN that would have come by another way. */
  pin?: string | undefined
  metadata: string
}
export type StartPage = {
  offers: readonly DemoOffer[]
  /** What a tunnel or proxy has to lead to. */
  ports: { node: number; demo: number }
  /** The node already has a public address. */
  isPublic?: boolean | undefined
}

const offerCard = (say: Say, { issuer, issuerName, logo, credential, delivery, href, pin }: DemoOffer): Markup => html`
        <section class="card">
          ${credentialCard({ ...credential, issuer: issuerName, logo })}
          <div class="stack tight">
            <h2>${say(`start-${delivery}`)}</h2>
            <p class="quiet">${say(`start-${delivery}-text`)}</p>
            ${pin && html`<p class="quiet">${say('start-pin')}: <code>${pin}</code></p>`}
          </div>
          <a class="button button-second" id="offer-${issuer}" href="${link(href)}">${say('start-open')}<span class="hidden">: ${credential.name}</span></a>
        </section>`

function firstSteps(say: Say): Markup {
  const steps = (['offer', 'wallet', 'sign-in'] as const).map(
    (step, index) =>
      html`<li><span class="mark" aria-hidden="true">${index + 1}</span><div class="what">${say(`start-step-${step}`)}<small>${say(`start-step-${step}-text`)}</small></div></li>`,
  )
  return html`
        <section class="card">
          <h2>${say('start-steps')}</h2>
          <ol class="progress">${steps}</ol>
        </section>`
}

function accounts(say: Say, { ports, isPublic }: StartPage): Markup {
  const account = (name: string, has: string) =>
    html`<div><dt><code>${name}</code></dt><dd>${has}<small>${say('password')} <code>${name}</code></small></dd></div>`
  const command = html`<code>CLAIMGATE_PUBLIC_URL=https://… CLAIMGATE_DEMO_URL=https://… npm start</code>`
  const values = { port: String(ports.node), demoPort: String(ports.demo) }
  return html`
        <section class="card">
          <h2>${say('start-accounts')}</h2>
          <dl class="facts">
            ${account('alice', say('start-complete'))}
            ${account('bob', say('start-incomplete'))}
          </dl>
          ${!isPublic && notice('phone', say('start-phone'), html`${say('start-phone-text', values)} ${command}`, 'warn')}
        </section>`
}

/** The demo's start page: the three deliveries, the accounts, and how a phone reaches this machine. */
export function startPage(context: PageContext, page: StartPage): string {
  const say = sentencesIn(context.language)
  const metadata = page.offers.map(
    ({ issuerName, metadata }, index) => html`${index > 0 && ' · '}<a href="${link(metadata)}">${issuerName}</a>`,
  )
  const main = html`
    <div class="stack start">
      <div class="stack intro">
        <h1>${say('start-title')}</h1>
        <p class="lead">${say('start-lead')}</p>
      </div>
      <div class="three">${page.offers.map((offer) => offerCard(say, offer))}</div>
      <div class="two">${firstSteps(say)}${accounts(say, page)}</div>
      <p class="quiet">${say('start-developers')} ${metadata}</p>
    </div>`
  return layout({ ...context, demo: true }, { title: say('start-name'), main, wide: true })
}

import type { PageContext } from '../http/pages/context.ts'
import { badge, credentialCard } from '../http/pages/parts.ts'
import { html, type Markup } from '../lib/html.ts'
import { demoPage } from './pages.ts'
import { described, issuerName, sayIn } from './wallet-display.ts'
import type { Held, Journey } from './wallet-journey.ts'

/** Claims that say how the credential was made; they stand in the details. */
const technical = ['iss', 'iat', 'nbf', 'exp', 'vct', 'vct#integrity', 'cnf', 'status', '_sd', '_sd_alg']

function written(value: unknown): string {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The claims in the order of the metadata (OpenID4VCI §B.2), then those it does not name. */
function claimFacts(context: PageContext, journey: Journey, { configurationId, content }: Held): Markup | undefined {
  const say = sayIn(context)
  const { claims: names } = described(context, journey, configurationId)
  const claims = new Map(Object.entries(content?.claims ?? {}).filter(([name]) => !technical.includes(name)))
  const ordered = [...new Set([...[...names.keys()].filter((name) => claims.has(name)), ...claims.keys()])]
  const withheld = (name: string) => content?.withheld.includes(name) && html`<small>${say('withheld')}</small>`
  const fact = (name: string) =>
    html`<div data-claim="${name}"><dt>${names.get(name) ?? name}</dt><dd>${written(claims.get(name))}${withheld(name)}</dd></div>`
  return ordered.length === 0
    ? undefined
    : html`<section class="stack"><h2>${say('claims')}</h2><dl class="facts facts-long">${ordered.map(fact)}</dl></section>`
}

function checkFacts(context: PageContext, { checks }: Held): Markup | undefined {
  const say = sayIn(context)
  const fact = ({ name, passed, detail }: Held['checks'][number]) => html`
    <div data-check="${name}" data-passed="${String(passed)}">
      <dt>${say(`check-${name}`)}</dt>
      <dd><span class="${passed ? 'tag' : 'field-error'}">${say(passed ? 'passed' : 'failed')}</span><small lang="en">${detail}</small></dd>
    </div>`
  return checks.length === 0
    ? undefined
    : html`<section class="stack"><h2>${say('checks')}</h2><dl class="facts facts-long">${checks.map(fact)}</dl></section>`
}

function heldCredential(context: PageContext, journey: Journey, held: Held): Markup {
  const say = sayIn(context)
  const { id, name } = described(context, journey, held.configurationId)
  const { header, claims } = held.content ?? {}
  const isSound = held.checks.every(({ passed }) => passed)
  return html`
    <article class="card" data-held="${id}">
      ${isSound ? badge('check', 'good') : badge('caution', 'warn')}
      <div class="stack tight">
        <h1>${say(isSound ? 'received' : 'doubtful', { credential: name })}</h1>
        <p>${say(held.content ? 'received-text' : 'unread')}</p>
      </div>
      ${credentialCard({ id, name, issuer: issuerName(context, journey) })}
      ${claimFacts(context, journey, held)}
      ${checkFacts(context, held)}
      ${held.content && html`<details><summary>${say('decoded')}</summary><code>${JSON.stringify({ header, claims })}</code></details>`}
      <details><summary>${say('raw')}</summary><code data-raw="${held.format}">${held.text}</code></details>
    </article>`
}

/** What the wallet received, decoded and checked. */
export function credentialPage(context: PageContext, journey: Journey, address: string): string {
  const say = sayIn(context)
  const received = journey.received ?? []
  const main = html`
    <div class="stack">
      ${received.map((held) => heldCredential(context, journey, held))}
      <p><a class="link" id="another-offer" href="${address}">${say('another')}</a></p>
    </div>`
  return demoPage(context, say('wallet'), main)
}

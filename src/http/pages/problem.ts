import { html, link, type Markup } from '../../lib/html.ts'
import type { PageContext } from './context.ts'
import { layout } from './layout.ts'
import { badge } from './parts.ts'
import { type ProblemPage, type Told, tell } from './problem-text.ts'
import { problems, type Remedy } from './problems.ts'
import { momentIn, sentencesIn } from './texts/index.ts'

/** A letter to the help desk with the missing detail and the reference; no value and no name of a person. */
function letter(
  { language, issuer, reference }: PageContext,
  { key, title, values }: Told,
  remedy: Remedy,
  given: boolean,
) {
  const { email, uri } = issuer?.help ?? {}
  if (!email) return uri
  const say = sentencesIn(language)
  const { credential } = values as { credential: string }
  const claim = values.claim ?? values.claims
  const missing = claim && key.startsWith('missing-') ? say('mail-missing', { claim }) : undefined
  const subject = missing ?? (remedy === 'ask-new' && given ? say('mail-new', { credential }) : title)
  const lines = [
    missing && claim && say('mail-missing-text', { claim, credential }),
    reference && say('mail-reference', { reference }),
  ]
  const body = lines.filter(Boolean).join('\n\n')
  return `mailto:${email}?subject=${encodeURIComponent(subject)}${body && `&body=${encodeURIComponent(body)}`}`
}

function mainButton(context: PageContext, page: ProblemPage, told: Told): Markup | undefined {
  const say = sentencesIn(context.language)
  const { remedy, second } = problems[told.key]
  const button = (href: string, label: string) =>
    html`<a class="button${second && ' button-second'}" href="${link(href)}">${label}</a>`
  const writes = remedy === 'write-to' || remedy === 'ask-issuer' || remedy === 'ask-new'
  if (page.action) return button(page.action.href, say(page.action.label ?? (remedy && !writes ? remedy : 'try-again')))
  if (!writes) return undefined
  const href = letter(context, told, remedy, page.fill?.credential !== undefined)
  const contact = remedy === 'ask-issuer' ? told.values.issuer! : told.values.contact!
  return href === undefined
    ? undefined
    : button(href, remedy === 'ask-new' ? say('ask-new') : say('write-to', { contact }))
}

/** A problem: what it is, what to do next, and what is safe. Never a code without a sentence. */
export function problemPage(context: PageContext, page: ProblemPage): string {
  const say = sentencesIn(context.language)
  const told = tell(context, page)
  const { key, title, text, values } = told
  const { code, icon, good } = problems[key]
  const missing = key.startsWith('missing-') && (values.claim ?? values.claims)
  const time =
    page.openUntil && momentIn(context.language, page.openUntil, context.issuer?.timeZone ?? 'UTC', context.now)
  const back = page.backToWallet
  const buttons = [
    mainButton(context, page, told),
    back && html`<a id="back-to-wallet" class="button button-second" href="${link(back)}">${say('back-to-wallet')}</a>`,
  ].filter(Boolean)
  const safe = [page.nothingAdded && say('nothing-added'), time && say('still-open', { time })]
    .filter(Boolean)
    .join(' ')
  const support = context.reference && html`${say('for-support')}: <span class="number">${context.reference}</span>`
  const error = page.error ?? code
  const main = html`
    <article class="card" id="problem"${error && html` data-error="${error}"`} data-help="${key}">
      ${badge(icon, good ? 'good' : 'warn')}
      <div class="stack tight">
        <h1>${title}</h1>
        <p>${text}</p>
      </div>
      ${missing && html`<dl class="facts"><div><dt>${say('missing')}</dt><dd>${missing}</dd></div></dl>`}
      ${buttons.length > 0 && html`<div class="buttons">${buttons}</div>`}
      ${(safe || support) && html`<p class="quiet">${safe} ${support}</p>`}
    </article>`
  return layout(context, { title, main, reference: false })
}

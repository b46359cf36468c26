import { html, type Markup, raw } from '../../lib/html.ts'
import { ownImage, type PageContext } from './context.ts'
import { listIn, type Say } from './texts/index.ts'

const icons = {
  arrow: '<path d="M4 12h16m-6-6 6 6-6 6"/>',
  back: '<path d="M9 6.5 4.5 11 9 15.5M5 11h9.5a4.5 4.5 0 0 1 0 9H12"/>',
  browser: '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M3 9.5h18M6 7.25h.01"/>',
  card: '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M7 10h4M7 14h2M16 10.5v3M16 16h.01"/>',
  caution: '<path d="M12 4.5 3.3 19.5h17.4zM12 10.5v4M12 17h.01"/>',
  check: '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
  clock: '<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>',
  cloud: '<path d="M7 18.5a4 4 0 0 1-.5-8 5.5 5.5 0 0 1 10.6 1 3.5 3.5 0 0 1-.1 7zM12 11v3M12 16h.01"/>',
  cross: '<path d="m6.5 6.5 11 11m0-11-11 11"/>',
  lock: '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>',
  next: '<path d="m9 6 6 6-6 6"/>',
  note: '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5M12 8h.01"/>',
  person: '<circle cx="12" cy="8" r="3.5"/><path d="M5 20c.8-4 3.6-6 7-6s6.2 2 7 6"/>',
  phone: '<rect x="7" y="3" width="10" height="18" rx="2.5"/><path d="M11 18h2"/>',
}
export type IconName = keyof typeof icons

/** An icon; arrows turn where text runs from right to left. */
export const icon = (name: IconName): Markup =>
  html`<svg class="icon${(name === 'arrow' || name === 'next') && ' turn'}" viewBox="0 0 24 24" aria-hidden="true">${raw(icons[name])}</svg>`

/** The round mark above the title of a page that ends here. */
export const badge = (name: IconName, tone: 'good' | 'warn'): Markup =>
  html`<span class="badge badge-${tone}">${icon(name)}</span>`

export type Tone = 'warn' | 'bad' | 'good'
/** A message of a title and a paragraph. */
export const notice = (name: IconName, title: string, text: string | Markup, tone?: Tone): Markup => html`
  <div class="notice${tone && ` notice-${tone}`}">
    ${icon(name)}
    <strong>${title}</strong>
    <p>${text}</p>
  </div>`

/** A credential as the pages know it: its configuration's id, its display name and the display names of its claims. */
export type PageCredential = { id: string; name: string; claims: readonly string[] }

/** The display names of several credentials as one phrase. */
export const namesOf = ({ language }: PageContext, credentials: readonly { name: string }[]): string =>
  listIn(
    language,
    credentials.map(({ name }) => name),
  )

type Card = { id: string; name: string; issuer: string; logo?: string | undefined; small?: boolean }
/** The credential, drawn as a wallet would. Only decoration: its words stand elsewhere on the page too. */
export function credentialCard({ id, name, issuer, logo, small }: Card): Markup {
  const image = ownImage(logo)
  return html`
  <div class="credential${small && ' credential-small'}" data-credential="${id}" aria-hidden="true">
    <p class="credential-issuer">${image && html`<img src="${image}" alt="" width="26" height="26">`}${small ? '' : issuer}</p>
    <p class="credential-name">${name}</p>
  </div>`
}

/** The claim names that go into each credential; never a value. */
export const whatGoesIn = (say: Say, credentials: readonly PageCredential[], after?: Markup): Markup => html`
  <section class="stack">
    <h2>${say('what-goes-in')}</h2>
    ${credentials.map(
      ({ name, claims }) => html`
    ${credentials.length > 1 && html`<p class="eyebrow">${name}</p>`}
    <ul class="names">${claims.map((claim) => html`<li>${claim}</li>`)}</ul>`,
    )}
    ${after}
  </section>`

type Progress = { steps: readonly string[]; done: number; live: boolean; note?: string | undefined }
/** What happens, and where the person is: `done` steps are behind, the next is the current one. */
export const progress = (say: Say, { steps, done, live, note }: Progress): Markup => html`
  <ol class="progress${live && ' live'}">
    ${steps.map((step, index) => {
      if (index < done)
        return html`<li class="done"><span class="mark">${icon('check')}</span><div class="what"><span class="hidden">${say('step-is-done')} </span>${step}</div></li>`
      const current = index === done
      return html`<li${current && raw(' aria-current="step"')}><span class="mark" aria-hidden="true">${index + 1}</span><div class="what">${step}${current && note && html`<small>${note}</small>`}</div></li>`
    })}
  </ol>`

/** Hidden fields of a form. */
export const hiddenFields = (fields: Record<string, string> = {}): Markup[] =>
  Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)

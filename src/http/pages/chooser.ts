import { html, link } from '../../lib/html.ts'
import { ownImage, type PageContext } from './context.ts'
import { layout } from './layout.ts'
import { hiddenFields, icon } from './parts.ts'
import { problemIn, sentencesIn } from './texts/index.ts'

export type ChooserPage = {
  credential: string
  providers: readonly Provider[]
  /** Asks for the work e-mail, whose domain finds the provider (field `email`). */
  byEmail?: boolean | undefined
  /** The domain given before is nobody's. */
  unknownDomain?: boolean | undefined
  /** Where the wallet hears that the person gave up. */
  backToWallet?: string | undefined
  /** Where the forms go; default: this address. */
  action?: string | undefined
  hidden?: Record<string, string> | undefined
}
type Provider = { id: string; name: string; host: string; logo?: string | undefined; lastUsed?: boolean | undefined }

/** A host that may be broken after each dot, for narrow screens. */
const breakable = (host: string) => host.split('.').map((label, index) => html`${index > 0 && html`.<wbr>`}${label}`)

/** Which account? One button a provider (`identity_provider`), for issuers that have several. */
export function chooserPage(context: PageContext, page: ChooserPage): string {
  const say = sentencesIn(context.language)
  const { credential, unknownDomain, backToWallet } = page
  const action = page.action && html` action="${link(page.action)}"`
  const title = say('chooser-title')
  const choice = ({ id, name, host, logo, lastUsed }: Provider) =>
    html`<li><button class="choice" id="idp-${id}" name="identity_provider" value="${id}"><img src="${ownImage(logo) ?? context.assets['provider.svg']}" alt="" width="40" height="40"><span><strong>${name}</strong><small>${breakable(host)}</small></span>${lastUsed ? html`<span class="tag">${say('last-used')}</span>` : icon('next')}</button></li>`
  const wrong =
    unknownDomain &&
    html`<p class="field-error" id="email-error">${problemIn(context.language, 'domain-unknown').text}</p>`
  const described = unknownDomain
    ? html` aria-invalid="true" aria-describedby="email-error email-hint"`
    : html` aria-describedby="email-hint"`
  const main = html`
    <div class="card">
      <div class="stack tight">
        <h1>${title}</h1>
        <p class="lead">${say('chooser-text', { credential })}</p>
      </div>
      <form method="post"${action}>
        ${hiddenFields(page.hidden)}
        <ul class="choices">${page.providers.map(choice)}</ul>
      </form>
      ${
        page.byEmail &&
        html`
      <form method="post" class="field rule"${action}>
        ${hiddenFields(page.hidden)}
        <label for="email">${say('chooser-email')}</label>
        <div class="field-row">
          <input id="email" name="email" type="email" autocomplete="email" spellcheck="false"${described} required>
          <button class="button button-second">${say('continue')}</button>
        </div>
        ${wrong}
        <p class="quiet" id="email-hint">${say('chooser-email-hint')}</p>
      </form>`
      }
      ${backToWallet && html`<a class="link" id="back-to-wallet" href="${link(backToWallet)}">${say('cancel')}</a>`}
    </div>`
  return layout(context, { title, main })
}

import { html, link, type Markup } from '../../lib/html.ts'
import { ownImage, type PageContext } from './context.ts'
import { layout } from './layout.ts'
import { credentialCard, hiddenFields, icon, namesOf, notice, type PageCredential, whatGoesIn } from './parts.ts'
import { listIn, type Say, sentencesIn } from './texts/index.ts'

export type ConsentPage = {
  credentials: readonly PageCredential[]
  /** What was asked for and cannot be issued, with the display names of the claims that are missing. */
  leftOut?: readonly { name: string; missing: readonly string[] }[] | undefined
  wallet: PageWallet
  /** Who signed in; the address is masked here. */
  account: { name?: string | undefined; email?: string | undefined }
  action?: string | undefined
  /** Fields that the form sends back unseen, such as the token against forged requests. */
  hidden?: Record<string, string> | undefined
}
/** A wallet: its name if we know one, where the answer goes (scheme or host), and whether the issuer checked it. */
export type PageWallet = {
  name?: string | undefined
  address?: string | undefined
  logo?: string | undefined
  checked: boolean
}

/** `alice@acme.example` as `a•••@acme.example`. */
export function maskedEmail(email: string): Markup {
  const at = email.lastIndexOf('@')
  const [first] = email
  return at > 0 && first ? html`${first}•••<wbr>${email.slice(at)}` : html`•••`
}

type Fact = { term: string; is: string | Markup | undefined; detail?: string | Markup | undefined; more?: Markup }
const fact = ({ term, is, detail, more }: Fact): Markup =>
  html`<div><dt>${term}</dt><dd>${is}${detail && html`<small>${detail}</small>`}</dd>${more && html`<dd>${more}</dd>`}</div>`

function facts(say: Say, { issuer }: PageContext, { wallet, account }: ConsentPage): Markup {
  const email = account.email && maskedEmail(account.email)
  const more = html`<button class="link" id="not-you" name="decision" value="not-you">${say('not-you')}</button>`
  return html`
        <dl class="facts">
          ${fact({ term: say('consent-from'), is: issuer?.name, detail: issuer?.host })}
          ${fact({ term: say('consent-to'), is: wallet.name ?? say('wallet-nameless'), detail: wallet.address })}
          ${fact({ term: say('consent-account'), is: account.name ?? (email || '•••'), detail: account.name && email, more })}
        </dl>`
}

function leftOut(say: Say, context: PageContext, page: ConsentPage): Markup | undefined {
  if (!page.leftOut?.length) return undefined
  const line = ({ name, missing }: { name: string; missing: readonly string[] }) =>
    html`<p class="quiet">${say('left-out-text', { credential: name, claim: listIn(context.language, missing) })}</p>`
  return html`
        <section class="stack">
          <h2>${say('left-out')}</h2>
          ${page.leftOut.map(line)}
        </section>`
}

/** What goes into the wallet, from whom, to whom. One form; its `decision` is `approve`, `deny` or `not-you`. */
export function consentPage(context: PageContext, page: ConsentPage): string {
  const say = sentencesIn(context.language)
  const { credentials, wallet } = page
  const [issuer, credential] = [context.issuer?.name ?? '', namesOf(context, credentials)]
  const title = wallet.name
    ? say('consent-title', { credential, wallet: wallet.name })
    : say('consent-title-any', { credential })
  const card = ({ id, name }: PageCredential) =>
    credentialCard({ id, name, issuer, logo: context.issuer?.logo, small: true })
  const unknown = notice('caution', say('wallet-unknown', { issuer }), say('wallet-unknown-text'), 'warn')
  const main = html`
    <form class="card consent" method="post"${page.action && html` action="${link(page.action)}"`}>
      ${hiddenFields(page.hidden)}
      <div class="about">
        <div class="handover" aria-hidden="true">
          ${credentials.slice(0, 1).map(card)}
          ${icon('arrow')}
          <img src="${ownImage(wallet.logo) ?? context.assets['wallet.svg']}" alt="" width="64" height="64">
        </div>
        <h1>${title}</h1>
        ${facts(say, context, page)}
      </div>
      <div class="about">
        ${whatGoesIn(say, credentials, html`<p class="quiet">${say('consent-choose')}</p>`)}
        ${leftOut(say, context, page)}
        ${!wallet.checked && unknown}
        <div class="buttons">
          <button class="button" id="approve" name="decision" value="approve">${say('approve')}</button>
          <button class="button button-second" id="deny" name="decision" value="deny">${say('deny')}</button>
        </div>
      </div>
    </form>`
  return layout(context, { title, main, wide: true })
}

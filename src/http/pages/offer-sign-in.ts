import { html } from '../../lib/html.ts'
import type { PageContext } from './context.ts'
import { layout } from './layout.ts'
import { credentialCard, namesOf, type PageCredential } from './parts.ts'
import { momentIn, sentencesIn } from './texts/index.ts'

export type OfferSignInPage = {
  credentials: readonly PageCredential[]
  /** The display name of the provider, if people have one for it. */
  provider?: string | undefined
  expiresAt: Date
}

/** In the place of an offer page: who are you? Its form is sent to this address, and leads to the provider. */
export function offerSignInPage(context: PageContext, { credentials, provider, expiresAt }: OfferSignInPage): string {
  const say = sentencesIn(context.language)
  const issuer = context.issuer?.name ?? ''
  const title = say('offer-sign-in-title')
  const time = momentIn(context.language, expiresAt, context.issuer?.timeZone ?? 'UTC', context.now)
  const main = html`
    <form class="card" method="post">
      <div class="stack tight">
        <p class="eyebrow">${namesOf(context, credentials)}</p>
        <h1>${title}</h1>
        <p class="lead">${say('offer-sign-in-text', { issuer })}</p>
      </div>
      ${credentials.slice(0, 1).map((first) => credentialCard({ ...first, issuer, logo: context.issuer?.logo }))}
      <div class="buttons">
        <button class="button" id="sign-in-to-offer">${provider ? say('step-sign-in', { provider }) : say('step-sign-in-any')}</button>
      </div>
      <p class="quiet">${say('offer-until', { time })}</p>
    </form>`
  return layout(context, { title, main })
}

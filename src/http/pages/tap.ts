import { html, link } from '../../lib/html.ts'
import type { PageContext } from './context.ts'
import { layout } from './layout.ts'
import { badge } from './parts.ts'
import { sentencesIn } from './texts/index.ts'

/** One tap on the way back to the wallet, for where a browser would not follow a redirect to an app's scheme. */
export type TapPage = { credential: string; wallet?: string | undefined; href: string }

/** The page with the button `continue-to-wallet`. */
export function tapPage(context: PageContext, { credential, wallet, href }: TapPage): string {
  const say = sentencesIn(context.language)
  const text = wallet ? say('tap-text', { wallet, credential }) : say('tap-text-any', { credential })
  const button = wallet ? say('tap-button', { wallet }) : say('tap-button-any')
  const main = html`
    <article class="card">
      ${badge('check', 'good')}
      <div class="stack tight">
        <h1>${say('tap-title')}</h1>
        <p class="lead">${text}</p>
      </div>
      <a id="continue-to-wallet" class="button" href="${link(href)}">${button}</a>
      <p class="quiet">${say('tap-allow')}</p>
      <details class="rule"><summary>${say('tap-nothing')}</summary><p>${say('tap-nothing-text')}</p></details>
    </article>`
  return layout(context, { title: say('tap-title'), main })
}

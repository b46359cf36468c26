import { html } from '../../lib/html.ts'
import type { PageContext } from './context.ts'
import { layout } from './layout.ts'
import { sentencesIn } from './texts/index.ts'

/** Where the link of a test leads: who will see what before the sign-in, and that it worked after it. */
export function testSignInPage(context: PageContext, page: { isDone: boolean; provider: string | undefined }): string {
  const say = sentencesIn(context.language)
  const issuer = context.issuer?.name ?? ''
  const { isDone, provider } = page
  const title = say(isDone ? 'test-done-title' : 'test-sign-in-title')
  const main = html`
    <form class="card" method="post">
      <div class="stack tight">
        <h1>${title}</h1>
        <p class="lead" id="${isDone ? 'test-done' : 'test-begin'}">${say(isDone ? 'test-done-text' : 'test-sign-in-text', { issuer })}</p>
      </div>
      ${
        !isDone &&
        html`<div class="buttons">
        <button class="button" id="begin-test">${provider ? say('step-sign-in', { provider }) : say('step-sign-in-any')}</button>
      </div>`
      }
    </form>`
  return layout(context, { title, main })
}

import { html, link } from '../../lib/html.ts'
import type { PageContext } from './context.ts'
import { layout } from './layout.ts'
import { hiddenFields, notice } from './parts.ts'
import { sentencesIn } from './texts/index.ts'

export type SignInPage = {
  /** The organisation, as in "Sign in to Acme". */
  tenant: string
  /** Whose page it is, as in "Acme account". */
  provider: { name: string; logo?: string | undefined; logoDark?: string | undefined }
  /** The last try was wrong, whatever it was. */
  wrong?: boolean | undefined
  username?: string | undefined
  action?: string | undefined
  hidden?: Record<string, string> | undefined
}

/** The demo provider's sign-in: fields `username` and `password`, buttons `sign-in` and `cancel` (sends `cancel=1`). */
export function signInPage(context: PageContext, page: SignInPage): string {
  const say = sentencesIn(context.language)
  const title = say('sign-in-title', { tenant: page.tenant })
  const wrong = page.wrong && html` aria-invalid="true" aria-describedby="sign-in-error"`
  const main = html`
    <form class="card" method="post"${page.action && html` action="${link(page.action)}"`}>
      ${hiddenFields(page.hidden)}
      <h1>${title}</h1>
      ${page.wrong && html`<p class="field-error" id="sign-in-error" role="alert">${say('sign-in-wrong')}</p>`}
      <div class="field">
        <label for="username">${say('username')}</label>
        <input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" value="${page.username}"${wrong} required>
      </div>
      <div class="field">
        <label for="password">${say('password')}</label>
        <input id="password" name="password" type="password" autocomplete="current-password"${wrong} required>
      </div>
      <div class="buttons">
        <button class="button" id="sign-in">${say('sign-in')}</button>
        <button class="button button-second" id="cancel" name="cancel" value="1" formnovalidate>${say('sign-in-cancel')}</button>
      </div>
      ${notice('note', say('demo-only'), say('demo-accounts'))}
    </form>`
  return layout(context, { title, main, brand: page.provider })
}

import type { IncomingMessage } from 'node:http'
import type Provider from 'oidc-provider'
import type { Interaction, KoaContextWithOIDC } from 'oidc-provider'
import { signInPage } from '../http/pages/sign-in.ts'
import { equal } from '../lib/secrets.ts'
import type { DemoAccount } from './accounts.ts'
import { type DemoPages, demoProblem, pageHeaders } from './pages.ts'

/** The fields of a form; more than 10 kB of it are cut off. */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) if (text.length < 10_000) text += chunk
  return new URLSearchParams(text)
}

/** Ends the browser's earlier session: a change of account would otherwise go over a page that needs script. */
async function forget(provider: Provider, interaction: Interaction): Promise<void> {
  if (!interaction.session) return
  const session = await provider.Session.findByUid(interaction.session.uid)
  await session?.destroy()
  delete interaction.session
  await interaction.save(interaction.exp - Math.floor(Date.now() / 1000))
}

type SignIn = { provider: Provider; accounts: DemoAccount[]; pages: DemoPages }

/** The sign-in page of the demo provider, and the files of its pages; signing in and agreeing to the scopes are one step. */
export const signIn =
  ({ provider, accounts, pages }: SignIn) =>
  async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    if (ctx.path.startsWith('/static/')) return pages.serve(ctx, ctx.path.slice('/static/'.length))
    if (!/^\/interaction\/[\w-]+$/.test(ctx.path)) return void (await next())
    const context = pages.context(ctx)
    const show = (page: string, status = 200) => {
      ctx.set(pageHeaders)
      ctx.status = status
      ctx.type = 'html'
      ctx.body = page
    }
    const ask = (username: string, wrong = false) => {
      const provider = {
        name: 'Acme account',
        logo: context.assets['acme.svg'],
        logoDark: context.assets['acme-dark.svg'],
      }
      show(signInPage(context, { tenant: 'Acme', provider, username, wrong }), wrong ? 403 : 200)
    }

    const interaction = await provider.interactionDetails(ctx.req, ctx.res).catch(() => undefined)
    if (!interaction) {
      const description = 'This sign-in is over, or it began in another browser.'
      return show(demoProblem(context, { code: 'invalid_request', description }), 400)
    }
    const { login_hint: hint, client_id: clientId, scope } = interaction.params
    if (ctx.method !== 'POST') return ask(typeof hint === 'string' ? hint : '')

    const form = await readForm(ctx.req)
    if (form.has('cancel')) {
      ctx.respond = false
      const refusal = { error: 'access_denied', error_description: 'The sign-in was cancelled.' }
      return provider.interactionFinished(ctx.req, ctx.res, refusal)
    }
    const username = form.get('username') ?? ''
    const account = accounts.find((candidate) => candidate.username === username)
    if (!account || !equal(account.password, form.get('password') ?? '')) return ask(username, true)

    await forget(provider, interaction)
    const grant = new provider.Grant({ accountId: username, clientId: String(clientId) })
    grant.addOIDCScope(String(scope))
    const login = { accountId: username, amr: ['pwd'], remember: false }
    const consent = { grantId: await grant.save() }
    ctx.respond = false
    return provider.interactionFinished(ctx.req, ctx.res, { login, consent })
  }

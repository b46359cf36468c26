import type { Context } from 'koa'
import { refusalUrl } from '../../issuance/answer-wallet.ts'
import { type Provider, upstreamOf } from '../../issuance/choose-provider.ts'
import type { OpenSignIn } from '../../issuance/open-sign-in.ts'
import { outward } from '../../lib/ids.ts'
import { credentialName, inLanguage, providerName } from '../../model/display.ts'
import { ProtocolError } from '../../protocol/errors.ts'
import type { Services } from '../../services.ts'
import { lastProvider } from '../browser.ts'
import { issuerOf } from '../edge.ts'
import { pageContext } from '../page-context.ts'
import { sendPage } from '../send.ts'
import { chooserPage } from './chooser.ts'
import { listIn } from './texts/index.ts'

type Choices = { choose: readonly Provider[]; unknownDomain: boolean }

/** Asks which account the person has; the form comes back to the authorization endpoint. */
export async function sendChooser(
  ctx: Context,
  services: Services,
  { id, request }: OpenSignIn,
  { choose, unknownDomain }: Choices,
): Promise<void> {
  const issuer = issuerOf(ctx)
  const context = await pageContext(services, ctx, issuer)
  const { language } = context
  const last = lastProvider(ctx, services, issuer)
  const credentials = request.configurationIds.map((one) => credentialName(issuer, one, language))
  const html = chooserPage(context, {
    credential: listIn(language, credentials),
    providers: choose.map(({ provider }) => ({
      id: provider.id,
      name: providerName(provider, language),
      // Where people will see themselves sent to.
      host: upstreamOf(services, issuer, provider).host,
      logo: inLanguage(provider.display, language)?.logo?.uri,
      lastUsed: provider.id === last,
    })),
    byEmail: choose.some(({ provider }) => provider.domains !== undefined),
    unknownDomain,
    backToWallet: refusalUrl(issuer, request, new ProtocolError('access_denied', 'The person gave up.')),
    action: `${issuer.identifier}/authorize`,
    hidden: { session: outward('ses', id) },
  })
  sendPage(ctx, html, 'form', unknownDomain ? 422 : 200)
}

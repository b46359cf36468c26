import type { Context } from 'koa'
import type { Consent } from '../../issuance/ask-consent.ts'
import { addressOf } from '../../issuance/wallets.ts'
import { outward } from '../../lib/ids.ts'
import { claimName, credentialName } from '../../model/display.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { pageCredential } from '../names.ts'
import { pageContext } from '../page-context.ts'
import { sendPage } from '../send.ts'
import { consentPage } from './consent.ts'

/** What goes into which wallet; the form comes back to the same address. */
export async function sendConsent(ctx: Context, services: Services, ask: Consent): Promise<void> {
  const issuer = issuerOf(ctx)
  const context = await pageContext(services, ctx, issuer)
  const { language } = context
  const html = consentPage(context, {
    credentials: ask.configurationIds.map((id) => pageCredential(issuer, id, language)),
    leftOut: ask.leftOut.map(({ configurationId: id, missing, unusable }) => ({
      name: credentialName(issuer, id, language),
      missing: [...missing, ...unusable].map((claim) => claimName(issuer, id, claim, language)),
    })),
    wallet: {
      name: ask.wallet.attestedName ?? ask.wallet.profile?.name,
      address: addressOf(ask.redirectUri),
      checked: (ask.wallet.attestedName ?? ask.wallet.profile) !== undefined,
    },
    account: ask.account,
    action: `${issuer.identifier}/consent`,
    hidden: { session: outward('ses', ask.id), proof: ask.proof },
  })
  sendPage(ctx, html, 'form')
}

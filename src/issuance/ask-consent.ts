import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { signInUrl } from './answer-wallet.ts'
import { approveSignIn } from './approve-sign-in.ts'
import type { SignInResult } from './evaluate-sign-in.ts'
import { resultPlace, tooLate } from './finish-sign-in.ts'
import { findOfferBehind } from './offer-behind.ts'
import { type Browser, type OpenSignIn, openSignIn } from './open-sign-in.ts'
import { refuseSignIn } from './record-refusal.ts'
import { findWallet, hasClaimedRedirectUri, type Wallet } from './wallets.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'vault' | 'inTransaction' | 'log'>

/** What the consent page asks. `proof` has to come back with the decision. */
export type Consent = Omit<SignInResult, 'claims' | 'waiting'> & {
  id: string
  configurationIds: string[]
  wallet: Wallet
  redirectUri: string
  proof: string
}

/**
 * Consent, OpenID4VCI §15.1: what the page asks, or where the browser goes: to a new try if there is no sign-in to decide on, to the
 * wallet if the issuer asks nothing of those that authenticated or have a claimed redirect URI.
 * @throws ProtocolError for the page
 */
export async function askConsent(
  services: Needs,
  issuer: LiveIssuer,
  id: string,
  browser: Browser,
): Promise<{ redirect: string } | { ask: Consent }> {
  const open = await openSignIn(services, issuer, id, browser)
  try {
    const result = await resultOf(services, issuer, open)
    if (!result) return { redirect: signInUrl(issuer, id) }
    const { redirectUri, walletProfile, clientId, offer, authentication } = open.request
    if (offer) await findOfferBehind(services, issuer, offer)
    const { walletName = authentication === 'attest_jwt_client_auth' ? clientId : undefined } = open.request
    const wallet = { ...findWallet(issuer, walletProfile), ...(walletName && { attestedName: walletName }) }
    const isTrusted = authentication !== 'none' || hasClaimedRedirectUri(wallet, redirectUri)
    if (issuer.settings.consent === 'unless_trusted' && isTrusted)
      return { redirect: await approveSignIn(services, issuer, open, result) }
    const { claims, waiting, ...shown } = result
    const proof = (await services.vault.of(issuer.tenantId)).mac('consent', ...shownTo(open))
    return {
      ask: { ...shown, id, configurationIds: Object.keys({ ...claims, ...waiting }), wallet, redirectUri, proof },
    }
  } catch (error) {
    throw await refuseSignIn(services, issuer, open, browser, error)
  }
}

/** What a consent page is bound to: the session, the browser, and the sign-in it showed. */
export const shownTo = ({ id, cookie, signIn }: OpenSignIn): string[] => [id, hash(cookie), signIn.callbackBy ?? '']

/** What the sign-in gave; undefined while another try is under way. */
export async function resultOf(
  { vault, clock }: Pick<Services, 'vault' | 'clock'>,
  issuer: LiveIssuer,
  { id, signIn }: OpenSignIn,
): Promise<SignInResult | undefined> {
  if (signIn.expiresAt <= clock()) throw tooLate()
  if (!signIn.resultSealed) return undefined
  const sealer = await vault.of(issuer.tenantId)
  return JSON.parse(sealer.open(resultPlace(id), signIn.resultSealed).toString()) as SignInResult
}

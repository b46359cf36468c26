import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import { consentUrl } from './answer-wallet.ts'
import { type Choice, chooseProvider, type Provider, providersFor } from './choose-provider.ts'
import { drawTrial } from './draw-trial.ts'
import { neededClaims } from './needed-claims.ts'
import { findOfferBehind, offerClaims } from './offer-behind.ts'
import { type Browser, type OpenSignIn, pageOver } from './open-sign-in.ts'
import { newEvent } from './record-event.ts'
import { refuseSignIn } from './record-refusal.ts'
import { renewalSource } from './renewal.ts'
import { readsOffer, signInWishes, usualWishes } from './sign-in-parameters.ts'

type Needs = Pick<
  Services,
  'clock' | 'random' | 'fetch' | 'providerKeys' | 'config' | 'tables' | 'vault' | 'inTransaction' | 'log'
>

/** Where the browser goes, or the page that asks which account the person has. */
export type Begun = { redirect: string; identityProvider?: string } | { choose: Provider[]; unknownDomain: boolean }

/**
 * Sends the browser on: to the identity provider, to the chooser if several can serve the sign-in, or to the consent page if the
 * person is signed in already.
 * @throws ProtocolError for the page, with the way back to the wallet
 */
export async function beginSignIn(
  services: Needs,
  issuer: LiveIssuer,
  open: OpenSignIn,
  browser: Browser,
  choice: Choice = {},
): Promise<Begun> {
  const { request, signIn } = open
  let at = open
  const hasChosen = choice.identityProvider !== undefined || choice.email !== undefined
  const isSignedIn = signIn.resultSealed !== undefined && signIn.expiresAt > services.clock()
  if (isSignedIn && !hasChosen) return { redirect: consentUrl(issuer, open.id) }
  try {
    const providers = providersFor(issuer, request)
    const chosen = chooseProvider(providers, request, choice)
    if (!chosen) return { choose: providers, unknownDomain: choice.email !== undefined }
    // A page names the provider of this try, not that of the one before.
    at = { ...open, signIn: { ...signIn, identityProvider: chosen.link.id } }
    const redirect = await attempt(services, issuer, open, chosen, browser, choice.email)
    return { redirect, ...(hasChosen && { identityProvider: chosen.link.id }) }
  } catch (error) {
    throw await refuseSignIn(services, issuer, at, browser, error)
  }
}

/** "Not you?": the same provider once more, which has to ask for the account again. */
export async function changeAccount(
  services: Needs,
  issuer: LiveIssuer,
  open: OpenSignIn,
  browser: Browser,
): Promise<string> {
  try {
    const provider = providersFor(issuer, open.request).find(({ link }) => link.id === open.signIn.identityProvider)
    if (!provider) throw pageOver()
    return await attempt(services, issuer, open, provider, browser)
  } catch (error) {
    throw await refuseSignIn(services, issuer, open, browser, error)
  }
}

/** A new try at a provider, with a state, nonce and PKCE of its own; it forgets the one before. */
async function attempt(
  services: Needs,
  issuer: LiveIssuer,
  open: OpenSignIn,
  { link, provider }: Provider,
  browser: Browser,
  email?: string,
): Promise<string> {
  const { clock, inTransaction } = services
  if (open.patientUntil <= clock()) {
    throw new ProtocolError('access_denied', 'The authorization request is too old.', { help: 'wallet-waited' })
  }
  const { loginHint, parameters: request = {} } = open.request
  const behind = open.request.offer && readsOffer(link) && (await findOfferBehind(services, issuer, open.request.offer))
  const offer = behind ? await offerClaims(services, issuer, behind) : {}
  const usual = {
    typedEmail: email,
    ...(loginHint !== undefined && { loginHint }),
    ...usualWishes(browser, open.signIn),
  }
  const needed = neededClaims(issuer, open.request.configurationIds, link.id, open.request.subject)
  const offline = renewalSource(issuer, link.id) === 'upstream' && { offline: true }
  const wishes = { needed, ...offline, ...signInWishes(link, { request, offer }, usual) }
  const { url, trial } = await drawTrial(services, issuer, open.id, { link, provider }, wishes)
  const event = newEvent(services, 'session.sent', {
    sessionId: open.id,
    offerId: open.request.offer?.id,
    details: { identity_provider: link.id },
  })
  await inTransaction(async (within) => {
    if (!(await within.signIns.begin(issuer, open.id, trial))) throw new Missed(pageOver())
    await within.sessions.update(issuer, open.id, { state: 'signing_in', identityProvider: link.id })
    await within.events.insert(issuer, event)
  })
  return url
}

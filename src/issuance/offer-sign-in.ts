import { newId, newSecret } from '../lib/ids.ts'
import { equal, hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { isGuarded } from '../store/offer-row.ts'
import type { StoredSignIn } from '../store/sign-ins.ts'
import { withWayBack } from './answer-wallet.ts'
import { providersFor } from './choose-provider.ts'
import { drawTrial } from './draw-trial.ts'
import { findByHandle } from './find-offer.ts'
import { neededClaims } from './needed-claims.ts'
import { checkPersonal, offerLoginHint } from './offer-behind.ts'
import { type Browser, pageOver, signInSeconds } from './open-sign-in.ts'
import { problemFill } from './problem-fill.ts'
import { signInWishes, usualWishes } from './sign-in-parameters.ts'

type Needs = Pick<
  Services,
  'clock' | 'random' | 'fetch' | 'providerKeys' | 'config' | 'tables' | 'vault' | 'inTransaction'
>

/** The sign-in that this browser began at the page of an offer: its cookie is named by the offer, and names it. */
export async function signInOf(
  { tables }: Pick<Services, 'tables'>,
  issuer: LiveIssuer,
  offerId: string,
  browser: Browser,
): Promise<StoredSignIn | undefined> {
  const cookie = browser.cookie(offerId)
  const [id] = cookie?.split('.') ?? []
  if (cookie === undefined || id === undefined) return undefined
  const signIn = await tables.signIns.find(issuer, id)
  return signIn && signIn.offerId === offerId && equal(hash(cookie), signIn.cookieHash) ? signIn : undefined
}

/** Whether the person of a guarded offer has signed in with this browser; that holds for as long as a sign-in may last. */
export async function hasSignedIn(
  services: Pick<Services, 'tables' | 'clock'>,
  issuer: LiveIssuer,
  offerId: string,
  browser: Browser,
): Promise<boolean> {
  const signIn = await signInOf(services, issuer, offerId, browser)
  return signIn?.resultSealed !== undefined && signIn.expiresAt > services.clock()
}

/**
 * Sends the browser from the page of a guarded offer to the offer's provider. No wallet is behind it. Answers where the browser goes, and
 * the cookie to set, named by the offer.
 * @throws ProtocolError for the page
 */
export async function beginOfferSignIn(
  services: Needs,
  issuer: LiveIssuer,
  handle: string,
  browser: Browser,
): Promise<{ redirect: string; id: string; cookie: string }> {
  const { clock, inTransaction } = services
  const found = await findByHandle(services, issuer, handle)
  if ('shared' in found || !isGuarded(found.personal.terms)) throw pageOver()
  const { id: offerId, terms } = checkPersonal(services, issuer, found.personal).personal
  const before = await signInOf(services, issuer, offerId, browser)
  const id = before?.id ?? newId(services)
  const cookie = (before && browser.cookie(offerId)) ?? `${id}.${newSecret(services)}`
  const loginHint = await offerLoginHint(services, issuer, found)
  const usual = { ...(loginHint !== undefined && { loginHint }), ...usualWishes(browser, before) }
  try {
    const [provider] = providersFor(issuer, { configurationIds: [], identityProvider: terms.identityProvider })
    if (!provider) throw pageOver()
    const needed = neededClaims(issuer, [], provider.link.id, terms.subject)
    const wishes = { needed, ...signInWishes(provider.link, { request: {}, offer: {} }, usual) }
    const { url, trial } = await drawTrial(services, issuer, id, provider, wishes)
    const createdAt = clock()
    const signIn = { id, offerId, cookieHash: hash(cookie), createdAt, expiresAt: after(createdAt, signInSeconds) }
    await inTransaction(async (within) => {
      if (!before) await within.signIns.insert(issuer, signIn)
      await within.signIns.begin(issuer, id, trial)
    })
    return { redirect: url, id: offerId, cookie }
  } catch (error) {
    throw atOfferPage(error, issuer, { handle, terms, browser })
  }
}

/** An error on the way, as its page tells it: with the way back to the page of the offer. */
export const atOfferPage = (
  error: unknown,
  issuer: LiveIssuer,
  { handle, terms, browser }: { handle: string; terms: Parameters<typeof problemFill>[1]; browser: Browser },
): ProtocolError =>
  withWayBack(error, issuer, {
    retryHref: `${issuer.identifier}/offer/${handle}`,
    fill: problemFill(issuer, terms, browser.language),
  })

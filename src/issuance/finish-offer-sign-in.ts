import { newId } from '../lib/ids.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { StoredSignIn } from '../store/sign-ins.ts'
import { checkPerson } from './check-person.ts'
import { isDeclined } from './end-sign-in.ts'
import { foreignAnswer } from './find-callback.ts'
import { resultPlace, tooLate } from './finish-sign-in.ts'
import { findOfferBehind } from './offer-behind.ts'
import { atOfferPage, signInOf } from './offer-sign-in.ts'
import { type Browser, elsewhere, pageOver } from './open-sign-in.ts'
import { newEvent } from './record-event.ts'
import { recordRefusal } from './record-refusal.ts'
import { takeAnswer } from './take-answer.ts'

type Needs = Pick<
  Services,
  'clock' | 'random' | 'fetch' | 'providerKeys' | 'tables' | 'vault' | 'inTransaction' | 'log'
>

/**
 * The second end of a sign-in that the page of an offer asked for: back to that page, which shows the offer if it was its person. Only
 * the browser that began it, only at the URL of its provider, and only once.
 * @throws ProtocolError for the page; nothing of the offer is spent
 */
export async function finishOfferSignIn(
  services: Needs,
  issuer: LiveIssuer,
  { id, offerId = '' }: Pick<StoredSignIn, 'id' | 'offerId'>,
  { providerId, answer }: { providerId: string; answer: URLSearchParams },
  browser: Browser,
): Promise<string> {
  const { clock, vault, inTransaction } = services
  const signIn = await signInOf(services, issuer, offerId, browser)
  if (signIn?.id !== id) throw elsewhere()
  const behind = await findOfferBehind(services, issuer, { id: offerId, shared: false })
  if (!('personal' in behind) || !behind.personal.handleSealed) throw pageOver()
  const { personal: offer } = behind
  const sealer = await vault.of(issuer.tenantId)
  const place = { table: 'offers', column: 'handle_sealed', row: offerId }
  const handle = sealer.open(place, behind.personal.handleSealed).toString()
  const page = `${issuer.identifier}/offer/${handle}`
  if (signIn.resultSealed) return page
  const operation = newId(services)
  try {
    if (signIn.identityProvider !== providerId)
      throw foreignAnswer('callback-wrong-provider', { sent_to: signIn.identityProvider, came_from: providerId })
    if (signIn.expiresAt <= clock()) throw tooLate()
    const signedIn = await takeAnswer(services, issuer, signIn, { providerId, answer, operation })
    await checkPerson(services, issuer, offer, signedIn, providerId)
  } catch (error) {
    if (error instanceof ProtocolError) {
      if (isDeclined(error)) return page
      const { reference } = browser
      if (error.help !== 'page-over')
        await recordRefusal(services, issuer, error, { offerId, identityProvider: providerId, reference })
    }
    throw atOfferPage(error, issuer, { handle, terms: offer.terms, browser })
  }
  const sealed = sealer.seal(resultPlace(id), offerId)
  const event = newEvent(services, 'offer.shown', { offerId, details: { identity_provider: providerId } })
  await inTransaction(async (within) => {
    if (!(await within.signIns.finish(issuer, id, operation, sealed))) throw new Missed(pageOver())
    await within.events.insert(issuer, event)
  })
  return page
}

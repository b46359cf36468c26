import { newId } from '../lib/ids.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { StoredSignIn } from '../store/sign-ins.ts'
import { consentUrl } from './answer-wallet.ts'
import { checkPerson } from './check-person.ts'
import { declineSignIn, isDeclined } from './end-sign-in.ts'
import { evaluateSignIn, type SignedIn, type SignInResult } from './evaluate-sign-in.ts'
import { foreignAnswer } from './find-callback.ts'
import { findOfferBehind } from './offer-behind.ts'
import { type Browser, type OpenSignIn, openSignIn, pageOver } from './open-sign-in.ts'
import { newEvent } from './record-event.ts'
import { recordRefusal, refusalDetails, refuseSignIn } from './record-refusal.ts'
import { type ProviderAnswer, takeAnswer } from './take-answer.ts'

type Needs = Parameters<typeof evaluateSignIn>[0] & Pick<Services, 'inTransaction'>

/** Where what a sign-in gave is kept until the person decides. */
export const resultPlace = (id: string) => ({ table: 'sign_ins', column: 'result_sealed', row: id })

export const tooLate = () =>
  new ProtocolError('access_denied', 'The sign-in took too long.', {
    help: 'sign-in-expired',
    cause: { fault: 'callback-expired' },
  })

/**
 * The second end of a sign-in: answers where the browser goes. Only the browser that began it, only at the URL of the provider it was
 * sent to, and only once.
 * @throws ProtocolError for the page, with the way back to the wallet and to a new try
 */
export async function finishSignIn(
  services: Needs,
  issuer: LiveIssuer,
  { id }: StoredSignIn,
  { providerId, answer }: { providerId: string; answer: URLSearchParams },
  browser: Browser,
): Promise<string> {
  const open = await openSignIn(services, issuer, id, browser).catch(async (error: unknown) => {
    // Another browser, or an answer that came once more after the decision.
    if (error instanceof ProtocolError)
      await recordRefusal(services, issuer, error, { sessionId: id, reference: browser.reference })
    throw error
  })
  try {
    // Before any token request: that stops mix-up also at providers without `iss` (RFC 9700 §4.4.2.2).
    if (open.signIn.identityProvider !== providerId)
      throw foreignAnswer('callback-wrong-provider', { sent_to: open.signIn.identityProvider, came_from: providerId })
    if (open.signIn.expiresAt <= services.clock()) throw tooLate()
    if (open.signIn.resultSealed) return consentUrl(issuer, id)
    const operation = newId(services)
    const came = await signInAt(services, issuer, open, { providerId, answer, operation })
    if (came instanceof ProtocolError)
      return await declineSignIn(services, issuer, open, { at: 'sign-in', ...refusalDetails(came, providerId) })
    await keep(services, issuer, open, operation, await evaluateSignIn(services, issuer, open, came, browser))
    return consentUrl(issuer, id)
  } catch (error) {
    throw await refuseSignIn(services, issuer, open, browser, error)
  }
}

/** What the provider says of the person, who is the one that the offer names; or that the person cancelled there. */
async function signInAt(
  services: Needs,
  issuer: LiveIssuer,
  open: OpenSignIn,
  given: ProviderAnswer,
): Promise<SignedIn | ProtocolError> {
  try {
    const signedIn = await takeAnswer(services, issuer, { ...open.signIn, id: open.id }, given)
    const { offer } = open.request
    const behind = offer && (await findOfferBehind(services, issuer, offer))
    // Before anything of the offer is opened: a stranger's sign-in touches nothing that is another's.
    if (behind && 'personal' in behind) await checkPerson(services, issuer, behind.personal, signedIn, given.providerId)
    return { signedIn, behind }
  } catch (error) {
    if (error instanceof ProtocolError && isDeclined(error)) return error
    throw error
  }
}

async function keep(
  services: Needs,
  issuer: LiveIssuer,
  { id, request }: OpenSignIn,
  operation: string,
  result: SignInResult,
): Promise<void> {
  const { vault, inTransaction } = services
  const { identityProvider, personIndex } = result
  const sealer = await vault.of(issuer.tenantId)
  const sealed = sealer.seal(resultPlace(id), JSON.stringify(result))
  const event = newEvent(services, 'session.signed_in', {
    sessionId: id,
    offerId: request.offer?.id,
    details: { identity_provider: identityProvider },
  })
  await inTransaction(async (within) => {
    if (!(await within.signIns.finish(issuer, id, operation, sealed))) throw new Missed(pageOver())
    await within.sessions.update(issuer, id, { state: 'consenting', identityProvider, personIndex })
    await within.events.insert(issuer, event)
  })
}

import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { SessionState } from '../store/sessions.ts'
import { type Browser, type OpenSignIn, wayBack } from './open-sign-in.ts'
import { newEvent } from './record-event.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'inTransaction' | 'log'>

/** The most refusals that a session's trace holds: whoever has its state, its code or its token could go on for ever. */
const most = 50

/** Of these the session goes on as if nothing had been: a second window, a reload. */
const harmless = new Set(['page-over', 'another-browser'])

type Refused = {
  /** None at the page of an offer. */
  sessionId?: string
  offerId?: string | undefined
  identityProvider?: string | undefined
  /** The wallet's endpoint; none for a page. */
  endpoint?: string
  reference?: string | undefined
  state?: SessionState
}

/** What of an error an operator may read: the fault and its facts, which hold no token, claim or secret. */
function factsOf({ cause }: ProtocolError): { fault?: string; facts?: Record<string, unknown> } {
  if (typeof cause !== 'object' || cause === null || cause instanceof Error) return {}
  const { fault, ...facts } = cause as Record<string, unknown>
  return { ...(typeof fault === 'string' && { fault }), ...(Object.keys(facts).length > 0 && { facts }) }
}

/** What a trace tells of an error: its code, its page, its fault and what was seen. */
export const refusalDetails = (error: ProtocolError, identityProvider: string | undefined) => ({
  error: error.code,
  ...(error.help !== undefined && { help: error.help }),
  ...(identityProvider !== undefined && { identity_provider: identityProvider }),
  ...factsOf(error),
})

const typeOf = ({ sessionId, endpoint }: Refused) => {
  if (sessionId === undefined) return 'offer.refused'
  return endpoint === undefined ? 'session.refused' : 'session.wallet_refused'
}

/**
 * A step of a session, or at the page of an offer, that led nowhere, for the trace; another one may follow. What cannot be written down,
 * because the database is what is missing, is in the log alone: the error itself is what the person or the wallet has to hear.
 */
export async function recordRefusal(
  services: Needs,
  issuer: LiveIssuer,
  error: ProtocolError,
  refused: Refused,
): Promise<void> {
  const { tables, inTransaction, log } = services
  const { sessionId, offerId, state, identityProvider, endpoint, reference } = refused
  const details = {
    ...refusalDetails(error, identityProvider),
    ...(endpoint !== undefined && { endpoint, reason: error.message }),
  }
  const event = { ...newEvent(services, typeOf(refused), { sessionId, offerId, details }), reference }
  try {
    if (sessionId !== undefined && (await tables.events.countRefusals(issuer, sessionId)) >= most) return
    await inTransaction(async (within) => {
      if (sessionId !== undefined && state) await within.sessions.update(issuer, sessionId, { state })
      await within.events.insert(issuer, event)
    })
  } catch (cause) {
    log.warn({ session: sessionId, offer: offerId, err: cause }, 'A refusal could not be written into the trace')
  }
}

/** The error that ends a try to sign in, as its page tells it, once the trace has it. */
export async function refuseSignIn(
  services: Needs,
  issuer: LiveIssuer,
  open: OpenSignIn,
  browser: Browser,
  error: unknown,
): Promise<ProtocolError> {
  const told = wayBack(issuer, open, browser, error)
  const goesOn = harmless.has(told.help ?? '')
  await recordRefusal(services, issuer, told, {
    sessionId: open.id,
    offerId: open.request.offer?.id,
    identityProvider: open.signIn.identityProvider,
    reference: browser.reference,
    ...(!goesOn && { state: 'failed' }),
  })
  return told
}

/** A step of a wallet in a session: what is refused then says whose session it was, so that the trace can have it. */
export async function inSession<T>(sessionId: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (error instanceof ProtocolError) error.session ??= sessionId
    throw error
  }
}

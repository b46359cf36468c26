import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { isGuarded, type Offer } from '../store/offer-row.ts'
import type { SessionProgress } from '../store/sessions.ts'

/** How far an offer came, as its page tells it. */
export type Progress = 'waiting' | 'opened' | 'signing-in' | 'issued' | 'declined'

export function stateOf(progress: SessionProgress | undefined, opened: boolean): Progress {
  if (progress && progress.copies > 0) return 'issued'
  switch (progress?.state) {
    case undefined:
      return opened ? 'opened' : 'waiting'
    case 'declined':
      return 'declined'
    case 'signing_in':
    case 'consenting':
      return 'signing-in'
    default:
      return 'opened'
  }
}

/**
 * How far a personal offer came. One that names its person stays where it was whoever opens it, for only that person's sign-in moves it
 * on; where the page has asked for that already, whoever opens it has been shown it.
 */
export async function progressOf({ tables }: Pick<Services, 'tables'>, issuer: LiveIssuer, offer: Offer) {
  const ofPerson = offer.subjectIndex !== undefined && !isGuarded(offer.terms)
  const progress = await tables.sessions.progress(issuer, { offerId: offer.id, ofPerson })
  return { progress, state: stateOf(progress, offer.openedAt !== undefined && !ofPerson) }
}

import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Offer, OfferTerms } from '../store/offer-row.ts'
import type { SharedOffer } from '../store/shared-offers.ts'
import type { Found } from './find-offer.ts'
import { progressOf } from './offer-progress.ts'

type Needs = Pick<Services, 'clock' | 'tables'>

/** As an integrator sees it. A shared offer is `waiting` as long as it is open: what becomes of each use is told of its session. */
export type OfferState =
  | 'waiting'
  | 'opened'
  | 'signing_in'
  | 'issued'
  | 'declined'
  | 'expired'
  | 'used'
  | 'withdrawn'
  | 'burnt'

/** What became of an offer. Nothing in it opens the offer. */
export type ShownOffer = {
  id: string
  terms: OfferTerms
  state: OfferState
  createdAt: Date
  expiresAt: Date
  /** Of a shared offer; `most` only where a number was set, and only then uses are counted. */
  shared: { uses: number; most: number | undefined } | undefined
  /** The session of a personal offer that came furthest. */
  sessionId: string | undefined
}

/** One offer. @throws ProtocolError `not_found`, the same for another issuer's */
export async function showOffer(services: Needs, issuer: LiveIssuer, id: string): Promise<ShownOffer> {
  const found = await getOffer(services, issuer, id)
  return 'personal' in found
    ? showPersonal(services, issuer, found.personal)
    : showShared(found.shared, services.clock())
}

/** A page of the issuer's offers, the newest first; `next` is where the page after it begins. */
export async function listOffers(
  services: Needs,
  issuer: LiveIssuer,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<{ offers: ShownOffer[]; next: string | undefined }> {
  const { tables, clock } = services
  const personal = await tables.offers.list(issuer, before, limit + 1)
  const shared = await tables.sharedOffers.list(issuer, before, limit + 1)
  const all = [...personal, ...shared].toSorted((a, b) => (a.id < b.id ? 1 : -1))
  const page = all.slice(0, limit)
  const offers: ShownOffer[] = []
  for (const offer of page) {
    offers.push('uses' in offer ? showShared(offer, clock()) : await showPersonal(services, issuer, offer))
  }
  return { offers, next: all.length > limit ? page.at(-1)?.id : undefined }
}

/** An offer by its id. @throws ProtocolError `not_found`, the same for another issuer's */
export async function getOffer({ tables }: Pick<Services, 'tables'>, issuer: LiveIssuer, id: string): Promise<Found> {
  const personal = await tables.offers.find(issuer, id)
  if (personal) return { personal }
  const shared = await tables.sharedOffers.find(issuer, id)
  if (shared) return { shared }
  throw new ProtocolError('not_found', 'There is no such offer.')
}

const told = ({ id, terms, createdAt, expiresAt }: Offer | SharedOffer) => ({ id, terms, createdAt, expiresAt })

async function showPersonal({ tables, clock }: Needs, issuer: LiveIssuer, offer: Offer): Promise<ShownOffer> {
  const { progress, state: reached } = await progressOf({ tables }, issuer, offer)
  const isBurnt = offer.txCodeMac !== undefined && offer.txCodeTries >= issuer.settings.tx_code_tries
  const hasExpired = offer.expiresAt <= clock()
  const state = (): OfferState => {
    if (reached === 'issued') return 'issued'
    if (offer.withdrawnAt) return 'withdrawn'
    if (offer.redeemedAt) return hasExpired ? 'used' : 'opened'
    if (isBurnt) return 'burnt'
    if (hasExpired) return 'expired'
    return reached === 'signing-in' ? 'signing_in' : reached
  }
  return { ...told(offer), state: state(), shared: undefined, sessionId: progress?.id }
}

function showShared(offer: SharedOffer, now: Date): ShownOffer {
  const { maxUses: most, uses } = offer
  const state = (): OfferState => {
    if (offer.withdrawnAt) return 'withdrawn'
    if (offer.expiresAt <= now) return 'expired'
    return most !== undefined && uses >= most ? 'used' : 'waiting'
  }
  return { ...told(offer), state: state(), shared: { uses, most }, sessionId: undefined }
}

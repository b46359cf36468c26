import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { isGuarded, type Offer, type OfferTerms } from '../store/offer-row.ts'
import { findByHandle, findByReference, over } from './find-offer.ts'
import { followShared } from './follow-shared-offer.ts'
import { type CredentialOffer, credentialOfferOf, walletLink } from './offer-links.ts'
import { type Progress, progressOf } from './offer-progress.ts'
import { hasSignedIn } from './offer-sign-in.ts'
import type { Browser } from './open-sign-in.ts'

type Needs = Pick<Services, 'clock' | 'vault' | 'tables'>

/** What a page about an offer may show. Its secrets are opened for whoever has the handle. */
export type FollowedOffer = {
  id: string
  shared: boolean
  terms: OfferTerms
  state: Progress
  credentialOffer: CredentialOffer
  link: string
  /** The PIN, where the page is how the person learns it. */
  txCode: string | undefined
  expiresAt: Date
}
/** What a page may show before its person has signed in. */
export type GuardedOffer = Pick<FollowedOffer, 'id' | 'terms' | 'expiresAt'> & { state: 'guarded' }

type Visit = { view?: string | undefined; browser: Browser }

/**
 * An offer by its handle, for its page. Reading it as often as one likes spends nothing (VCI-35).
 * @throws ProtocolError `not_found`, or `gone` with the sentence for the person
 */
export async function followOffer(
  services: Needs,
  issuer: LiveIssuer,
  handle: string,
  { view, browser }: Visit,
): Promise<FollowedOffer | GuardedOffer> {
  const found = await findByHandle(services, issuer, handle)
  if ('shared' in found) return followShared(services, issuer, found.shared, { handle, view })
  const { id, terms, expiresAt, redeemedAt } = found.personal
  const { state } = await checkOpen(services, issuer, found.personal)
  // What was spent holds nothing any more that could be shown.
  if (isGuarded(terms) && !redeemedAt && !(await hasSignedIn(services, issuer, id, browser)))
    return { id, terms, expiresAt, state: 'guarded' }
  return openOffer(services, issuer, found.personal, { handle, state })
}

/** The same for a wallet, which fetches it by reference. */
export async function followReference(
  services: Needs,
  issuer: LiveIssuer,
  handle: string,
  view: string | undefined,
): Promise<FollowedOffer> {
  const found = await findByReference(services, issuer, handle)
  if ('shared' in found) return followShared(services, issuer, found.shared, { handle, view })
  const { state } = await checkOpen(services, issuer, found.personal)
  return openOffer(services, issuer, found.personal, { handle, state })
}

async function checkOpen(services: Needs, issuer: LiveIssuer, offer: Offer): Promise<{ state: Progress }> {
  const { state } = await progressOf(services, issuer, offer)
  const isOver = offer.redeemedAt !== undefined || state === 'issued'
  if (offer.withdrawnAt) throw over('offer-withdrawn', 'The offer was withdrawn.')
  if (!isOver && offer.txCodeMac !== undefined && offer.txCodeTries >= issuer.settings.tx_code_tries) {
    throw over('pin-burnt', 'The offer is locked after too many wrong PINs.')
  }
  if (!isOver && offer.expiresAt <= services.clock()) throw over('offer-expired', 'The offer has expired.')
  return { state }
}

async function openOffer(
  { vault }: Needs,
  issuer: LiveIssuer,
  offer: Offer,
  { handle, state }: { handle: string; state: Progress },
): Promise<FollowedOffer> {
  const { id, terms, expiresAt } = offer
  const sealer = await vault.of(issuer.tenantId)
  const open = (column: string, sealed: Buffer | undefined) =>
    sealed && sealer.open({ table: 'offers', column, row: id }, sealed).toString()
  const code = open('code_sealed', offer.codeSealed)
  const issuerState = open('issuer_state_sealed', offer.issuerStateSealed)
  const secrets = { ...(code !== undefined && { code }), ...(issuerState !== undefined && { issuerState }) }
  const credentialOffer = credentialOfferOf(issuer, terms, secrets)
  const link = walletLink(issuer, terms, credentialOffer, open('reference_sealed', offer.referenceSealed) ?? handle)
  const txCode = open('tx_code_sealed', offer.txCodeSealed)
  return { id, shared: false, terms, state, credentialOffer, link, txCode, expiresAt }
}

import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import type { Offer, OfferTerms } from '../store/offer-row.ts'
import type { SessionProgress } from '../store/sessions.ts'
import type { SharedOffer } from '../store/shared-offers.ts'
import { findByHandle, over } from './find-offer.ts'
import { type CredentialOffer, credentialOfferOf, walletLink } from './offer-links.ts'

type Needs = Pick<Services, 'clock' | 'vault' | 'tables'>

/** What a page about an offer may show. Its secrets are opened for whoever has the handle. */
export type FollowedOffer = {
  id: string
  shared: boolean
  terms: OfferTerms
  state: 'waiting' | 'opened' | 'signing-in' | 'issued' | 'declined'
  credentialOffer: CredentialOffer
  link: string
  expiresAt: Date
}

/** The `issuer_state` of one view of a shared offer: the page that showed it follows only the wallet that came from there. */
const stateOfView = (issuerState: string, view: string | undefined) =>
  view === undefined ? issuerState : `${issuerState}.${view}`

function stateOf(progress: SessionProgress | undefined, opened: boolean): FollowedOffer['state'] {
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

/** How far an offer came. One with a person stays where it was whoever opens it, for only that person's sign-in moves it on. */
export async function progressOf(tables: Services['tables'], issuer: LiveIssuer, offer: Offer) {
  const ofPerson = offer.subjectIndex !== undefined
  const progress = await tables.sessions.progress(issuer, { offerId: offer.id, ofPerson })
  return { progress, state: stateOf(progress, offer.openedAt !== undefined && !ofPerson) }
}

/**
 * An offer by its handle, for its page or for a wallet. Reading it as often as one likes spends nothing (VCI-35).
 * @throws ProtocolError `not_found`, or `gone` with the sentence for the person
 */
export async function followOffer(
  services: Needs,
  issuer: LiveIssuer,
  handle: string,
  view?: string,
): Promise<FollowedOffer> {
  const found = await findByHandle(services, issuer, handle)
  return 'personal' in found
    ? followPersonal(services, issuer, found.personal, handle)
    : followShared(services, issuer, found.shared, { handle, view })
}

async function followPersonal(
  { clock, vault, tables }: Needs,
  issuer: LiveIssuer,
  offer: Offer,
  handle: string,
): Promise<FollowedOffer> {
  const sealer = await vault.of(issuer.tenantId)
  const open = (column: string, sealed: Buffer | undefined) =>
    sealed && sealer.open({ table: 'offers', column, row: offer.id }, sealed).toString()
  const { state } = await progressOf(tables, issuer, offer)
  const isOver = offer.redeemedAt !== undefined || state === 'issued'
  if (offer.withdrawnAt) throw over('offer-withdrawn', 'The offer was withdrawn.')
  if (!isOver && offer.txCodeMac !== undefined && offer.txCodeTries >= issuer.settings.tx_code_tries) {
    throw over('pin-burnt', 'The offer is locked after too many wrong PINs.')
  }
  if (!isOver && offer.expiresAt <= clock()) throw over('offer-expired', 'The offer has expired.')
  const code = open('code_sealed', offer.codeSealed)
  const issuerState = open('issuer_state_sealed', offer.issuerStateSealed)
  const secrets = { ...(code !== undefined && { code }), ...(issuerState !== undefined && { issuerState }) }
  const credentialOffer = credentialOfferOf(issuer, offer.terms, secrets)
  const link = walletLink(issuer, offer.terms, credentialOffer, handle)
  return { id: offer.id, shared: false, terms: offer.terms, state, credentialOffer, link, expiresAt: offer.expiresAt }
}

async function followShared(
  { clock, vault, tables }: Needs,
  issuer: LiveIssuer,
  offer: SharedOffer,
  { handle, view }: { handle: string; view: string | undefined },
): Promise<FollowedOffer> {
  if (offer.withdrawnAt || !offer.issuerStateSealed) throw over('offer-withdrawn', 'The offer was withdrawn.')
  if (offer.expiresAt <= clock()) throw over('offer-expired', 'The offer has expired.')
  const sealer = await vault.of(issuer.tenantId)
  const place = { table: 'shared_offers', column: 'issuer_state_sealed', row: offer.id }
  const issuerState = stateOfView(sealer.open(place, offer.issuerStateSealed).toString(), view)
  const progress = view === undefined ? undefined : await tables.sessions.progress(issuer, { viewHash: hash(view) })
  if (!progress && offer.maxUses !== undefined && offer.uses >= offer.maxUses)
    throw over('offer-used-up', 'All places are taken.')
  const credentialOffer = credentialOfferOf(issuer, offer.terms, { issuerState })
  // Of the two forms of a handle the one with the view is as good as the other: both lead to the same offer.
  const link = walletLink(issuer, offer.terms, credentialOffer, view === undefined ? handle : `${handle}?view=${view}`)
  return {
    id: offer.id,
    shared: true,
    terms: offer.terms,
    state: stateOf(progress, false),
    credentialOffer,
    link,
    expiresAt: offer.expiresAt,
  }
}

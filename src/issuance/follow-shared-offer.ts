import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import type { SharedOffer } from '../store/shared-offers.ts'
import { over } from './find-offer.ts'
import type { FollowedOffer } from './follow-offer.ts'
import { credentialOfferOf, walletLink } from './offer-links.ts'
import { stateOf } from './offer-progress.ts'

type Needs = Pick<Services, 'clock' | 'vault' | 'tables'>

/** The `issuer_state` of one view of a shared offer: the page that showed it follows only the wallet that came from there. */
const stateOfView = (issuerState: string, view: string | undefined) =>
  view === undefined ? issuerState : `${issuerState}.${view}`

/** @throws ProtocolError `gone` with the sentence for the person */
export async function followShared(
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
  const { id, terms, expiresAt } = offer
  return {
    id,
    shared: true,
    terms,
    state: stateOf(progress, false),
    credentialOffer,
    link,
    txCode: undefined,
    expiresAt,
  }
}

import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { newEvent } from './record-event.ts'
import { getOffer } from './show-offer.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'inTransaction'>

/**
 * Withdraws an offer: it cannot be claimed any more, what it held sealed is wiped, and the tokens that came of it stop working.
 * What wallets hold already stays valid. Withdrawing twice is withdrawing once.
 * @throws ProtocolError `not_found`
 */
export async function withdrawOffer(services: Needs, issuer: LiveIssuer, id: string): Promise<void> {
  const { clock, inTransaction } = services
  const found = await getOffer(services, issuer, id)
  const offer = 'personal' in found ? found.personal : found.shared
  if (offer.withdrawnAt) return
  const now = clock()
  const event = newEvent(services, 'offer.withdrawn', { offerId: id, details: { personal: 'personal' in found } })
  await inTransaction(async (within) => {
    // First the offer, then its grants: whoever redeems it meanwhile comes before this UPDATE, and is found, or is refused by it.
    await ('personal' in found ? within.offers : within.sharedOffers).withdraw(issuer, id, now)
    for (const grant of await within.grants.findByOffer(issuer, id)) {
      if (grant.endedAt === undefined && grant.expiresAt > now) await within.grants.end(issuer, grant.id, now)
    }
    await within.events.insert(issuer, event)
  })
}

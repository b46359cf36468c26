import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { over } from './find-offer.ts'
import { followReference } from './follow-offer.ts'
import type { CredentialOffer } from './offer-links.ts'

type Needs = Pick<Services, 'clock' | 'vault' | 'tables'>

/** Credential Offer by reference, OpenID4VCI §4.1.3: the same answer until it expires; the grant is what is consumed. */
export async function handOutOffer(
  services: Needs,
  issuer: LiveIssuer,
  handle: string,
  view?: string,
): Promise<CredentialOffer> {
  const followed = await followReference(services, issuer, handle, view)
  const isSpent = followed.state === 'issued' || Object.keys(followed.credentialOffer.grants).length === 0
  if (!followed.shared && isSpent) throw over('offer-used', 'The offer was used.')
  if (!followed.shared) await services.tables.offers.open(issuer, followed.id, services.clock())
  return followed.credentialOffer
}

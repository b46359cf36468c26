import type { LiveIssuer } from '../model/live.ts'
import type { OfferRequest } from '../model/offer.ts'
import { isOfferScheme } from '../protocol/redirect-uri.ts'
import type { Wrong } from './offer-lifetime.ts'

/** The credential configurations that an offer is of. */
export function offeredBy({ configurations }: LiveIssuer, request: OfferRequest, wrong: Wrong): string[] {
  const ids = request.credential_configuration_ids ?? [...configurations.keys()].slice(0, 1)
  for (const [at, id] of ids.entries()) {
    if (!configurations.has(id))
      wrong(`/credential_configuration_ids/${at}`, 'This issuer has no such credential configuration.')
  }
  if (new Set(ids).size < ids.length) wrong('/credential_configuration_ids', 'One is named twice.')
  return ids
}

/** What the link of an offer begins with. */
export function schemeOf({ delivery }: OfferRequest, wrong: Wrong): string {
  const scheme = delivery?.scheme ?? 'openid-credential-offer://'
  if (!isOfferScheme(scheme))
    wrong('/delivery/scheme', 'This must be a custom scheme such as openid-credential-offer:// or an https address.')
  return scheme
}

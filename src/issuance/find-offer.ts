import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { isGuarded, type Offer } from '../store/offer-row.ts'
import type { SharedOffer } from '../store/shared-offers.ts'

/** An offer that is over, with the sentence for the person. */
export const over = (help: string, message: string) => new ProtocolError('gone', message, { help })

/** A handle of an offer is 256 bits of base64url; `view` is one look at the page of a shared one. */
const form = /^[A-Za-z0-9_-]{43}$/
const viewForm = /^[A-Za-z0-9_-]{22}$/
export const isView = (view: string | undefined): view is string => view !== undefined && viewForm.test(view)

export type Found = { personal: Offer } | { shared: SharedOffer }

const unknown = () => new ProtocolError('not_found', 'There is no such offer.', { help: 'offer-unknown' })

/** By the handle of its page. @throws ProtocolError `not_found`, the same for a handle of another issuer */
export async function findByHandle(
  { tables }: Pick<Services, 'tables'>,
  issuer: LiveIssuer,
  handle: string,
): Promise<Found> {
  if (!form.test(handle)) throw unknown()
  const personal = await tables.offers.findByHandle(issuer, hash(handle))
  if (personal) return { personal }
  const shared = await tables.sharedOffers.findByHandle(issuer, hash(handle))
  if (shared) return { shared }
  throw unknown()
}

/**
 * By the handle that a wallet fetches it with. Where the page asks for a sign-in first, that is another one than the page's, or the page's
 * address would open the offer.
 * @throws ProtocolError `not_found`
 */
export async function findByReference(
  services: Pick<Services, 'tables'>,
  issuer: LiveIssuer,
  handle: string,
): Promise<Found> {
  if (!form.test(handle)) throw unknown()
  const guarded = await services.tables.offers.findByReference(issuer, hash(handle))
  if (guarded) return { personal: guarded }
  const found = await findByHandle(services, issuer, handle)
  if ('personal' in found && isGuarded(found.personal.terms)) throw unknown()
  return found
}

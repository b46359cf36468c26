import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Offer, OfferTerms } from '../store/offer-row.ts'
import type { SharedOffer } from '../store/shared-offers.ts'
import type { Found } from './find-offer.ts'

type Needs = Pick<Services, 'clock' | 'tables'>

/** The offer that a request came from. */
export type OfferBehind = { terms: OfferTerms } & (
  | { personal: Offer }
  | { shared: SharedOffer; viewHash: string | undefined }
)
/** How a request remembers it. */
export type OfferReference = { id: string; shared: boolean }

const over = (help: string, message: string) => new ProtocolError('invalid_request', message, { help })

/** `{issuer state}` or, from one view of a shared offer's page, `{issuer state}.{view}`. */
const form = /^([A-Za-z0-9_-]{43})(?:\.([A-Za-z0-9_-]{22}))?$/

/**
 * The open offer of an `issuer_state`, OpenID4VCI §5.1.3. The value may come from anybody: it finds an offer and proves nothing else.
 * An unknown one is refused and not ignored, or an offer that is over would end in a credential without what the integrator put in.
 * @throws ProtocolError `invalid_request`, with the sentence for the person
 */
export async function findByIssuerState(
  services: Needs,
  issuer: LiveIssuer,
  issuerState: string,
): Promise<OfferBehind> {
  const [, state = '', view] = form.exec(issuerState) ?? []
  const { tables } = services
  const personal = state && view === undefined ? await tables.offers.findByIssuerState(issuer, hash(state)) : undefined
  if (personal) return checkPersonal(services, issuer, personal)
  const shared = state ? await tables.sharedOffers.findByIssuerState(issuer, hash(state)) : undefined
  if (!shared) throw over('offer-unknown', 'The issuer_state is unknown.')
  return { ...checkShared(services, shared), viewHash: view === undefined ? undefined : hash(view) }
}

/** The same offer some steps later: whether it is still open. */
export async function findOfferBehind(
  services: Needs,
  issuer: LiveIssuer,
  offer: OfferReference,
): Promise<OfferBehind> {
  const { tables } = services
  if (offer.shared) {
    const shared = await tables.sharedOffers.find(issuer, offer.id)
    if (shared) return { ...checkShared(services, shared), viewHash: undefined }
  } else {
    const personal = await tables.offers.find(issuer, offer.id)
    if (personal) return checkPersonal(services, issuer, personal)
  }
  throw over('offer-unknown', 'The offer is unknown.')
}

type Opening = Pick<Services, 'vault'>

/** What the integrator put into a personal offer; nothing if there is none. */
export async function offerClaims(
  { vault }: Opening,
  { tenantId }: LiveIssuer,
  found: Found,
): Promise<Record<string, unknown>> {
  if (!('personal' in found) || !found.personal.claimsSealed) return {}
  const { id, claimsSealed } = found.personal
  const sealer = await vault.of(tenantId)
  return JSON.parse(sealer.open({ table: 'offers', column: 'claims_sealed', row: id }, claimsSealed).toString())
}

/** By what name the provider is to ask for the person of a personal offer. */
export async function offerLoginHint(
  { vault }: Opening,
  { tenantId }: LiveIssuer,
  found: Found,
): Promise<string | undefined> {
  if (!('personal' in found) || !found.personal.loginHintSealed) return undefined
  const { id, loginHintSealed } = found.personal
  const sealer = await vault.of(tenantId)
  return sealer.open({ table: 'offers', column: 'login_hint_sealed', row: id }, loginHintSealed).toString()
}

/** That a personal offer is open. @throws ProtocolError `invalid_request`, with the sentence for the person */
export function checkPersonal({ clock }: Needs, { settings }: LiveIssuer, personal: Offer) {
  if (personal.withdrawnAt) throw over('offer-withdrawn', 'The offer was withdrawn.')
  if (personal.redeemedBy !== undefined) throw over('offer-used', 'The offer was used.')
  if (personal.txCodeMac !== undefined && personal.txCodeTries >= settings.tx_code_tries)
    throw over('pin-burnt', 'The offer is locked after too many wrong PINs.')
  if (personal.expiresAt <= clock()) throw over('offer-expired', 'The offer has expired.')
  return { terms: personal.terms, personal }
}

function checkShared({ clock }: Needs, shared: SharedOffer) {
  if (shared.withdrawnAt) throw over('offer-withdrawn', 'The offer was withdrawn.')
  if (shared.expiresAt <= clock()) throw over('offer-expired', 'The offer has expired.')
  if (shared.maxUses !== undefined && shared.uses >= shared.maxUses) throw allTaken()
  return { terms: shared.terms, shared }
}

export const allTaken = (): ProtocolError => over('offer-used-up', 'All places of the offer are taken.')

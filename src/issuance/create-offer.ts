import { newId, newSecret } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { OfferRequest } from '../model/offer.ts'
import type { Services } from '../services.ts'
import { isGuarded, type OfferTerms } from '../store/offer-row.ts'
import { checkExternalOffer } from './check-external-offer.ts'
import { type CheckedOffer, checkOffer } from './check-offer.ts'
import { drawTxCode } from './draw-tx-code.ts'
import { type OfferLinks, offerLinks } from './offer-links.ts'
import { newEvent } from './record-event.ts'

type Secrets = [handle: string, code: string, issuerState: string, reference: string]
type Needs = Pick<Services, 'clock' | 'random' | 'fetch' | 'providerKeys' | 'vault' | 'tables' | 'inTransaction'>

/**
 * A new offer, with what is shown only now: the links hold its handle, `txCode` is its PIN. Of one whose page asks for a sign-in first
 * there is nothing but that page.
 */
export type CreatedOffer = {
  id: string
  terms: OfferTerms
  expiresAt: Date
  txCode: string | undefined
  links: Pick<OfferLinks, 'offerPageUrl'> & Partial<OfferLinks>
}

/**
 * Makes a credential offer, OpenID4VCI §4: a personal one, claimed once, or a shared one, for everybody who signs in.
 * @throws ProtocolError `unprocessable` with a pointer to each mistake
 */
export async function createOffer(services: Needs, issuer: LiveIssuer, request: OfferRequest): Promise<CreatedOffer> {
  const checked = checkExternalOffer(issuer, request) ?? checkOffer(services, issuer, request)
  return checked.shared ? createShared(services, issuer, checked) : createPersonal(services, issuer, checked, request)
}

const seal = async (vault: Services['vault'], tenantId: string, table: string, row: string) => {
  const sealer = await vault.of(tenantId)
  return { sealer, seal: (column: string, value: string) => sealer.seal({ table, column, row }, value) }
}

async function createPersonal(
  services: Needs,
  issuer: LiveIssuer,
  checked: CheckedOffer,
  request: OfferRequest,
): Promise<CreatedOffer> {
  const { clock, vault, inTransaction } = services
  const { terms, lifetimeSeconds, subject } = checked
  const id = newId(services)
  const { sealer, seal: sealed } = await seal(vault, issuer.tenantId, 'offers', id)
  const [handle, code, issuerState, reference] = Array.from({ length: 4 }, () => newSecret(services)) as Secrets
  const txCode = terms.txCode && (checked.txCodeValue ?? drawTxCode(terms.txCode))
  const loginHint = request.login_hint ?? subject?.loginHint
  const now = clock()
  const byCode = terms.grants.includes('pre_authorized_code')
  const bySignIn = terms.grants.includes('authorization_code')
  const offer = {
    id,
    terms,
    handleHash: hash(handle),
    handleSealed: sealed('handle_sealed', handle),
    ...(byCode && { codeHash: hash(code), codeSealed: sealed('code_sealed', code) }),
    ...(bySignIn && {
      issuerStateHash: hash(issuerState),
      issuerStateSealed: sealed('issuer_state_sealed', issuerState),
    }),
    txCodeMac: txCode && sealer.mac('tx_code', id, txCode),
    ...(isGuarded(terms) && {
      referenceHash: hash(reference),
      referenceSealed: sealed('reference_sealed', reference),
      txCodeSealed: txCode === undefined ? undefined : sealed('tx_code_sealed', txCode),
    }),
    claimsSealed: request.claims && sealed('claims_sealed', JSON.stringify(request.claims)),
    loginHintSealed: loginHint === undefined ? undefined : sealed('login_hint_sealed', loginHint),
    subjectIndex: subject && sealer.index(subject.text),
    createdAt: now,
    expiresAt: after(now, lifetimeSeconds),
  }
  const event = newEvent(services, 'offer.created', { offerId: id, details: { personal: true } })
  await inTransaction(async (within) => {
    await within.offers.insert(issuer, offer)
    await within.events.insert(issuer, event)
  })
  const links = offerLinks(issuer, terms, { handle, ...(byCode && { code }), ...(bySignIn && { issuerState }) })
  const { expiresAt } = offer
  if (isGuarded(terms)) return { id, terms, expiresAt, txCode: undefined, links: { offerPageUrl: links.offerPageUrl } }
  return { id, terms, expiresAt, txCode, links }
}

async function createShared(
  services: Needs,
  issuer: LiveIssuer,
  { terms, lifetimeSeconds, maxUses }: CheckedOffer,
): Promise<CreatedOffer> {
  const { clock, vault, inTransaction } = services
  const id = newId(services)
  const { seal: sealed } = await seal(vault, issuer.tenantId, 'shared_offers', id)
  const [handle, issuerState] = [newSecret(services), newSecret(services)]
  const now = clock()
  const offer = {
    id,
    terms,
    handleHash: hash(handle),
    handleSealed: sealed('handle_sealed', handle),
    issuerStateHash: hash(issuerState),
    issuerStateSealed: sealed('issuer_state_sealed', issuerState),
    maxUses,
    createdAt: now,
    expiresAt: after(now, lifetimeSeconds),
  }
  const event = newEvent(services, 'offer.created', { offerId: id, details: { personal: false } })
  await inTransaction(async (within) => {
    await within.sharedOffers.insert(issuer, offer)
    await within.events.insert(issuer, event)
  })
  return {
    id,
    terms,
    expiresAt: offer.expiresAt,
    txCode: undefined,
    links: offerLinks(issuer, terms, { handle, issuerState }),
  }
}

import { newId } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { narrowedTo, type PreAuthorizedCodeRequest, type TokenResponse } from '../protocol/token.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { Offer } from '../store/offer-row.ts'
import { checkTxCode } from './check-tx-code.ts'
import { drawGrant } from './draw-grant.ts'
import { drawTokens } from './draw-tokens.ts'
import { checkNarrowing, type Sender } from './open-session.ts'
import { newEvent } from './record-event.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'fetch' | 'keyRing' | 'vault' | 'tables' | 'inTransaction' | 'log'>

const refused = (help: string) =>
  new ProtocolError('invalid_grant', 'The pre-authorized code is unknown, used or expired.', { help })
const reuseGraceMs = 1000

/** Pre-Authorized Code Flow, OpenID4VCI §6.1: spends the offer for a token, or says why not. */
export async function redeemPreAuthorizedCode(
  services: Needs,
  issuer: LiveIssuer,
  request: PreAuthorizedCodeRequest,
  sender: Sender,
): Promise<TokenResponse> {
  const { clock, tables, inTransaction } = services
  const arrivedAt = clock()
  if (!issuer.settings.anonymous_wallets && sender.authentication === 'none' && !isKnown(issuer, sender.clientId)) {
    throw new ProtocolError('invalid_client', 'This issuer wants the client_id of a wallet that it knows.')
  }
  const offer = await tables.offers.findByCode(issuer, hash(request['pre-authorized_code']))
  if (!offer) throw refused('offer-unknown')
  checkNarrowing(request, issuer, offer.terms.configurationIds) // before the PIN, for a try is not to be lost over it
  const tried = await checkTxCode(services, issuer, offer, request.tx_code)
  if (offer.redeemedBy !== undefined) return endReused(services, issuer, offer, arrivedAt)
  if (offer.withdrawnAt) throw refused('offer-withdrawn')
  if (offer.expiresAt <= clock()) throw refused('offer-expired')

  // Ids, tokens and the operation are drawn before the transaction, which may run twice.
  const operation = newId(services)
  const wanted = narrowedTo(request, issuer.identifier)
  const drawn = drawGrant(services, issuer, offer, sender, wanted).catch(async (error: unknown) => {
    // The PIN was right: a claim source that is down is not to burn the offer.
    if (tried !== undefined) await tables.offers.giveTryBack(issuer, offer.id, tried)
    throw error
  })
  const { session, grant } = await drawn
  const { tokens, response, lifetime } = drawTokens(services, issuer, grant, request, sender)
  const event = newEvent(services, 'grant.redeemed', { sessionId: session.id, offerId: offer.id })
  await inTransaction(async (within) => {
    if (!(await within.offers.redeem(issuer, offer.id, operation, clock()))) throw new Missed(refused('offer-used'))
    await within.sessions.insert(issuer, { ...session, expiresAt: lifetime.expiresAt })
    await within.grants.insert(issuer, { ...grant, ...lifetime, redeemedBy: operation })
    for (const token of tokens) await within.tokens.insert(issuer, token)
    await within.events.insert(issuer, event)
  })
  return response
}

/** Whether a wallet that named itself may come to this issuer (OpenID4VCI §12.3). */
function isKnown({ tenant, settings }: LiveIssuer, clientId: string | undefined): boolean {
  if (clientId === undefined || settings.wallets === 'any') return clientId !== undefined
  return settings.wallets.some((id) => tenant.walletProfiles.get(id)?.client_id === clientId)
}

/**
 * A second redemption is refused; it also ends what the first one yielded, unless it came within a second of it. What counts is when a
 * request arrived: a busy node may have let it wait.
 */
async function endReused(services: Needs, issuer: LiveIssuer, offer: Offer, arrivedAt: Date): Promise<never> {
  const { clock, tables, inTransaction } = services
  const now = clock()
  if (offer.redeemedAt && arrivedAt.getTime() - offer.redeemedAt.getTime() > reuseGraceMs) {
    const grants = await tables.grants.findByOffer(issuer, offer.id)
    const event = newEvent(services, 'grant.reused', { offerId: offer.id })
    await inTransaction(async (within) => {
      for (const grant of grants) await within.grants.end(issuer, grant.id, now)
      await within.events.insert(issuer, event)
    })
  }
  throw refused('offer-used')
}

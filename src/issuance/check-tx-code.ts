import { newId } from '../lib/ids.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Offer } from '../store/offer-row.ts'
import { newEvent } from './record-event.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'vault' | 'tables'>

/**
 * The PIN, VCI-53 to VCI-55. A try is taken before the comparison and outside the transaction: a burst gets no extra guess, a refusal
 * gives none back. That holds for a spent offer too, whose PIN still guards what it yielded against being ended by a stranger. Answers the try
 * that was taken, for one to whom the PIN was no obstacle.
 */
export async function checkTxCode(
  { tables, vault, clock, random }: Needs,
  issuer: LiveIssuer,
  offer: Offer,
  txCode: string | undefined,
): Promise<string | undefined> {
  if (offer.txCodeMac === undefined) {
    if (txCode !== undefined) throw new ProtocolError('invalid_request', 'This offer takes no tx_code.')
    return undefined
  }
  if (txCode === undefined)
    throw new ProtocolError('invalid_request', 'This offer needs a tx_code.', { help: 'pin-not-asked' })
  const tries = issuer.settings.tx_code_tries
  const operation = newId({ clock, random })
  if (!(await tables.offers.takeTry(issuer, offer.id, operation, tries, clock()))) {
    throw new ProtocolError('invalid_grant', 'The offer is locked, used or expired.', { help: 'pin-burnt' })
  }
  const sealer = await vault.of(issuer.tenantId)
  if (sealer.isMac(offer.txCodeMac, 'tx_code', offer.id, txCode)) return operation
  // Others may have guessed meanwhile, so the count is read again; the event is for the one that took the last try.
  const counted = await tables.offers.find(issuer, offer.id)
  const left = tries - (counted?.txCodeTries ?? tries)
  if (left <= 0 && counted?.txCodeTriedBy === operation && counted.redeemedBy === undefined) {
    await tables.events.insert(issuer, newEvent({ clock, random }, 'offer.burnt', { offerId: offer.id }))
  }
  const help = left > 1 ? 'pin-wrong' : left === 1 ? 'pin-wrong-last' : 'pin-burnt'
  throw new ProtocolError('invalid_grant', 'The tx_code is wrong.', { help, fill: { left: String(left) } })
}

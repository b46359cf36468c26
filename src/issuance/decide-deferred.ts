import { newId } from '../lib/ids.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { Decision, DeferredCredential } from '../store/deferred-row.ts'
import { newEvent } from './record-event.ts'

/** A credential that waits or waited for a decision. @throws ProtocolError `not_found`, the same for another issuer's */
export async function getDeferred(
  { tables }: Pick<Services, 'tables'>,
  issuer: LiveIssuer,
  id: string,
): Promise<DeferredCredential> {
  const found = await tables.deferredCredentials.find(issuer, id)
  if (!found) throw new ProtocolError('not_found', 'There is no such deferred credential.')
  return found
}

/**
 * Approves or refuses a credential, for good; the wallet learns it when it comes back. The same decision again changes nothing.
 * @throws ProtocolError `not_found`; `conflict` if it was decided otherwise, or waits no longer
 */
export async function decideDeferred(
  services: Pick<Services, 'clock' | 'random' | 'tables' | 'inTransaction'>,
  issuer: LiveIssuer,
  id: string,
  { decision, reason }: { decision: Decision; reason: string | undefined },
): Promise<DeferredCredential> {
  const { clock, inTransaction } = services
  const { sessionId, offerId, credentialId, configurationId } = await getDeferred(services, issuer, id)
  const [operation, now] = [newId(services), clock()]
  const details = { deferred: id, credential: credentialId, configuration: configurationId }
  const event = newEvent(services, `credential.${decision}`, { sessionId, offerId, details })
  return inTransaction(async (within) => {
    const isDecided = await within.deferredCredentials.decide(issuer, id, { decision, reason, operation }, now)
    const found = await within.deferredCredentials.find(issuer, id)
    if (isDecided) await within.events.insert(issuer, event)
    else if (found?.decision !== decision)
      throw new Missed(new ProtocolError('conflict', 'This credential was decided otherwise, or waits no longer.'))
    return found!
  })
}

import { newId } from '../lib/ids.ts'
import type { LiveIssuer } from '../model/live.ts'
import { faultOf, ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import { refusalUrl } from './answer-wallet.ts'
import { type OpenSignIn, pageOver } from './open-sign-in.ts'
import { newEvent } from './record-event.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'inTransaction'>

/** Whether the person said no at the provider, which is no failure. */
export const isDeclined = (error: ProtocolError): boolean => faultOf(error) === 'idp-declined'

/** The person said no, at the provider or on the consent page: the sign-in ends, and the wallet hears `access_denied` at once. */
export async function declineSignIn(
  services: Needs,
  issuer: LiveIssuer,
  { id, request }: OpenSignIn,
  details: { at: 'sign-in' | 'consent'; fault?: string },
): Promise<string> {
  const { clock, inTransaction } = services
  const operation = newId(services)
  const event = newEvent(services, 'session.declined', {
    sessionId: id,
    offerId: request.offer?.id,
    details,
  })
  await inTransaction(async (within) => {
    if (!(await within.signIns.decide(issuer, id, operation, 'deny', clock()))) throw new Missed(pageOver())
    await within.sessions.update(issuer, id, { state: 'declined' })
    await within.events.insert(issuer, event)
  })
  return refusalUrl(issuer, request, new ProtocolError('access_denied', 'The person declined.'))
}

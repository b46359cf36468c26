import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Credential } from '../store/credentials.ts'
import type { StoredEvent } from '../store/events.ts'
import type { Session } from '../store/sessions.ts'

/** The trace of one issuance: ids and states only, nothing of the person and nothing that opens anything. */
export type ShownSession = { session: Session; events: StoredEvent[]; credentials: (Credential & { copies: number })[] }

/** @throws ProtocolError `not_found`, the same for another issuer's */
export async function showSession(
  { tables }: Pick<Services, 'tables'>,
  issuer: LiveIssuer,
  id: string,
): Promise<ShownSession> {
  const session = await tables.sessions.find(issuer, id)
  if (!session) throw new ProtocolError('not_found', 'There is no such session.')
  const events = await tables.events.listOfSession(issuer, id)
  const credentials: ShownSession['credentials'] = []
  for (const credential of await tables.credentials.listOfSession(issuer, id)) {
    credentials.push({ ...credential, copies: await tables.credentials.countCopies(issuer, credential.id) })
  }
  return { session, events, credentials }
}

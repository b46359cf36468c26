import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Credential } from '../store/credentials.ts'
import type { StoredEvent } from '../store/events.ts'
import type { Session } from '../store/sessions.ts'
import { callbackUrl } from './draw-trial.ts'

/** The trace of one issuance: ids and states only, nothing of the person and nothing that opens anything. */
export type ShownSession = {
  session: Session
  events: StoredEvent[]
  credentials: (Credential & { copies: number })[]
  /** A person who was sent to the provider and never came back: what to compare there. */
  unfinished: { fault: string; redirect_uri: string; client_id?: string } | undefined
}

const unknown = () => new ProtocolError('not_found', 'There is no such session.')

/** @throws ProtocolError `not_found`, the same for another issuer's */
export async function showSession(
  services: Pick<Services, 'tables' | 'clock' | 'config'>,
  issuer: LiveIssuer,
  id: string,
): Promise<ShownSession> {
  const { tables } = services
  const session = await tables.sessions.find(issuer, id)
  if (!session) throw unknown()
  const events = await tables.events.listOfSession(issuer, id)
  const credentials: ShownSession['credentials'] = []
  for (const credential of await tables.credentials.listOfSession(issuer, id)) {
    credentials.push({ ...credential, copies: await tables.credentials.countCopies(issuer, credential.id) })
  }
  return { session, events, credentials, unfinished: await unfinishedSignIn(services, issuer, session) }
}

/** What a person read this reference of; it has no session where no wallet was behind it. @throws ProtocolError `not_found` */
export async function findByReference(
  { tables }: Pick<Services, 'tables'>,
  issuer: LiveIssuer,
  reference: string,
): Promise<StoredEvent> {
  const found = await tables.events.findByReference(issuer, reference)
  if (!found) throw unknown()
  return found
}

/** A provider that shows an error page of its own sends nobody back: only the time that has passed tells of it. */
async function unfinishedSignIn(
  { tables, clock, config }: Pick<Services, 'tables' | 'clock' | 'config'>,
  issuer: LiveIssuer,
  { id, state }: Session,
): Promise<ShownSession['unfinished']> {
  if (state !== 'signing_in') return undefined
  const signIn = await tables.signIns.find(issuer, id)
  if (!signIn?.identityProvider || signIn.callbackBy !== undefined || signIn.expiresAt > clock()) return undefined
  const provider = issuer.tenant.identityProviders.get(signIn.identityProvider)
  const clientId = provider?.client_id
  return {
    fault: 'idp-no-return',
    redirect_uri: callbackUrl(config, issuer, signIn.identityProvider),
    ...(typeof clientId === 'string' && { client_id: clientId }),
  }
}

import { newId } from '../lib/ids.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Owner } from '../store/ask.ts'
import type { CredentialFilter, NewStatus, StatedCredential } from '../store/credential-rows.ts'
import { Missed } from '../store/database.ts'
import type { Tables } from '../store/index.ts'
import { newEvent } from './record-event.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'inTransaction'>

type Subject = { id: string; sessionId: string; configurationId: string }

/** What is asked of a credential: `until` only with a suspension, which then ends by itself. */
export type StatusChange = Pick<NewStatus, 'status' | 'reason' | 'until'>

/** So many credentials change in one transaction, and so many for one request. */
const [batch, most] = [200, 10_000]

/** A credential of the issuer. @throws ProtocolError `not_found`, the same for another issuer's */
export async function getCredential(
  { tables }: Pick<Services, 'tables'>,
  issuer: LiveIssuer,
  id: string,
): Promise<StatedCredential> {
  const found = await tables.credentialStatuses.find(issuer, id)
  if (!found) throw new ProtocolError('not_found', 'There is no such credential.')
  return found
}

/** One transaction: the credentials, their copies, their lists, and an event for each that changed. The events are drawn before. */
function changing(services: Needs, subjects: Subject[], newStatus: NewStatus) {
  const [operation, now] = [newId(services), services.clock()]
  const { status, until } = newStatus
  const events = subjects.map(({ id, sessionId, configurationId }) => {
    const details = { credential: id, configuration: configurationId, status, ...(until && { until }) }
    return { id, event: newEvent(services, 'credential.status_changed', { sessionId, details }) }
  })
  const ids = subjects.map(({ id }) => id)
  return async (within: Tables, owner: Owner): Promise<string[]> => {
    const changed = new Set(await within.credentialStatuses.change(owner, ids, newStatus, operation, now))
    for (const { id, event } of events) if (changed.has(id)) await within.events.insert(owner, event)
    return [...changed]
  }
}

/**
 * Suspends a credential, lifts its suspension, or revokes it for good, with all its copies. The same status again changes nothing; a
 * suspension may get another end.
 * @throws ProtocolError `not_found`; `conflict` for anything but `invalid` once it is revoked
 */
export async function setStatus(
  services: Needs,
  issuer: LiveIssuer,
  id: string,
  newStatus: StatusChange,
): Promise<StatedCredential> {
  const change = changing(services, [await getCredential(services, issuer, id)], newStatus)
  return services.inTransaction(async (within) => {
    const [changed] = await change(within, issuer)
    const found = (await within.credentialStatuses.find(issuer, id))!
    if (changed === undefined && found.status !== newStatus.status)
      throw new Missed(new ProtocolError('conflict', 'This credential is revoked, for good.'))
    return found
  })
}

export type ChangedMany = {
  /** How many the filter lets through. */
  matched: number
  changed: number
  /** How many a further request would change: one changes ten thousand at most. */
  remaining: number
}

/** The same for all that a filter lets through, in several transactions: one that ends in between is asked again. `dryRun` only counts. */
export async function setStatusOfMany(
  services: Needs,
  issuer: LiveIssuer,
  filter: CredentialFilter,
  newStatus: StatusChange,
  { dryRun }: { dryRun: boolean },
): Promise<ChangedMany> {
  const { credentialStatuses } = services.tables
  const matched = await credentialStatuses.count(issuer, filter)
  const wanted = await credentialStatuses.count(issuer, filter, newStatus)
  let [changed, after] = [0, undefined as string | undefined]
  while (!dryRun && changed < most) {
    const limit = Math.min(batch, most - changed)
    const subjects = await credentialStatuses.listChanging(issuer, filter, newStatus, { after, limit })
    after = subjects.at(-1)?.id
    if (after === undefined) break
    const change = changing(services, subjects, newStatus)
    changed += (await services.inTransaction((within) => change(within, issuer))).length
  }
  return { matched, changed, remaining: Math.max(0, wanted - changed) }
}

/** Lifts the suspensions that have come to their end, of all tenants. Answers how many. */
export async function liftSuspensions(services: Needs): Promise<number> {
  const due = services.clock()
  let lifted = 0
  for (;;) {
    const before = lifted
    const subjects = await services.tables.credentialStatuses.listDue(due, batch)
    for (const [, [first, ...others]] of Map.groupBy(subjects, ({ issuerId }) => issuerId)) {
      const change = changing(services, [first!, ...others], { status: 'valid', due })
      lifted += (await services.inTransaction((within) => change(within, first!))).length
    }
    if (subjects.length < batch || lifted === before) return lifted
  }
}

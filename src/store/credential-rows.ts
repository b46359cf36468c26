import { dateOrUndefined, type Owner, ownedBy, text } from './ask.ts'
import { type Credential, readCredential } from './credentials.ts'
import type { Queryable } from './database.ts'

export type CredentialStatus = Credential['status']

/** A credential with what became of it. */
export type StatedCredential = Credential & {
  reason: string | undefined
  statusChangedAt: Date | undefined
  suspendedUntil: Date | undefined
  copies: number
  /** How many of the copies have a place in a status list. */
  listed: number
}

export type CredentialFilter = {
  status?: CredentialStatus | undefined
  configurationId?: string | undefined
  sessionId?: string | undefined
  personIndex?: string | undefined
  createdAfter?: Date | undefined
  createdBefore?: Date | undefined
}

export type NewStatus = {
  status: CredentialStatus
  reason?: string | undefined
  until?: Date | undefined
  /** Lifts only suspensions that end by then. */
  due?: Date | undefined
}

export const readStated = (row: Record<string, unknown>): StatedCredential => ({
  ...readCredential(row),
  reason: text(row.status_reason),
  statusChangedAt: dateOrUndefined(row.status_changed_at),
  suspendedUntil: dateOrUndefined(row.suspended_until),
  copies: Number(row.copies),
  listed: Number(row.listed),
})

/** Everything of a credential, and how many copies it has. */
export const stated = (db: Queryable) => {
  const copies = () => db('copies').whereRaw('copies.credential_id = credentials.id')
  return ['credentials.*', copies().count('*').as('copies'), copies().count('status_list').as('listed')]
}

/** The credentials of an issuer that a filter lets through. */
export function matching(db: Queryable, owner: Owner, filter: CredentialFilter) {
  const { status, configurationId, sessionId, personIndex, createdAfter, createdBefore } = filter
  const exact = {
    ...ownedBy(owner),
    ...(status !== undefined && { status }),
    ...(configurationId !== undefined && { configuration_id: configurationId }),
    ...(sessionId !== undefined && { session_id: sessionId }),
    ...(personIndex !== undefined && { person_index: personIndex }),
  }
  const some = db('credentials').where(exact)
  if (createdAfter) some.where('credentials.created_at', '>=', createdAfter.getTime())
  if (createdBefore) some.where('credentials.created_at', '<', createdBefore.getTime())
  return some
}

/** Of those the ones that a new status changes anything of. Revocation is final. */
export function changing(
  db: Queryable,
  owner: Owner,
  { status, until, due }: NewStatus,
  filter: CredentialFilter = {},
) {
  const some = matching(db, owner, filter)
  if (status === 'invalid') return some.whereNot('status', 'invalid')
  if (status === 'valid') {
    if (due) some.where('suspended_until', '<=', due.getTime())
    return some.where('status', 'suspended')
  }
  return some.where((row) =>
    row
      .where('status', 'valid')
      .orWhere((suspended) =>
        suspended.where('status', 'suspended').whereRaw('coalesce(suspended_until, 0) <> ?', [until?.getTime() ?? 0]),
      ),
  )
}

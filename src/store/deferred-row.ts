import { bytes, date, dateOrUndefined, type Owner, parsed, text } from './ask.ts'
import type { Queryable } from './database.ts'

export type Decision = 'approved' | 'refused'
/** Public keys, as the wallet showed them. */
export type Keys = { jwk: Record<string, unknown>; thumbprint: string; did?: string }[]

/** A credential that waits for a decision, or waited (OpenID4VCI §9): one for each credential, whatever is asked how often. */
export type DeferredCredential = Owner & {
  id: string
  grantId: string
  sessionId: string
  offerId: string | undefined
  credentialId: string
  configurationId: string
  transactionSealed: Buffer | undefined
  /** The keys of the latest request, each shown to be held; none for a credential without key binding. */
  holderKeys: Keys
  decision: Decision | undefined
  decidedAt: Date | undefined
  reason: string | undefined
  collectedAt: Date | undefined
  endedAt: Date | undefined
  createdAt: Date
  expiresAt: Date
}
export type NewDeferredCredential = Pick<
  DeferredCredential,
  'id' | 'grantId' | 'sessionId' | 'offerId' | 'credentialId' | 'configurationId' | 'createdAt' | 'expiresAt'
> & { transactionHash: string; transactionSealed: Buffer }

/** What an administrator may ask for. `waiting` are those that a decision is wanted of. */
export const deferredStates = ['waiting', 'approved', 'collected', 'refused', 'ended'] as const
export type DeferredState = (typeof deferredStates)[number]

export const readDeferred = (row: Record<string, unknown>): DeferredCredential => ({
  tenantId: String(row.tenant_id),
  issuerId: String(row.issuer_id),
  id: String(row.id),
  grantId: String(row.grant_id),
  sessionId: String(row.session_id),
  offerId: text(row.offer_id),
  credentialId: String(row.credential_id),
  configurationId: String(row.configuration_id),
  transactionSealed: bytes(row.transaction_sealed),
  holderKeys: parsed<Keys>(row.holder_keys ?? '[]'),
  decision: text(row.decision) as Decision | undefined,
  decidedAt: dateOrUndefined(row.decided_at),
  reason: text(row.reason),
  collectedAt: dateOrUndefined(row.collected_at),
  endedAt: dateOrUndefined(row.ended_at),
  createdAt: date(row.created_at),
  expiresAt: date(row.expires_at),
})

/** What is kept of a transaction that is over. */
export const over = (now: Date) => ({ ended_at: now.getTime(), transaction_sealed: null, holder_keys: null })

/** The condition of a state, for a WHERE. */
export function ofState(state: DeferredState, now: number) {
  return (row: ReturnType<Queryable>) => {
    if (state === 'collected') return row.whereNotNull('collected_at')
    if (state === 'refused') return row.where({ decision: 'refused' })
    if (state === 'ended') {
      const notRefused = row
        .whereNull('collected_at')
        .where((r) => r.whereNull('decision').orWhere('decision', 'approved'))
      return notRefused.where((r) => r.whereNotNull('ended_at').orWhere('expires_at', '<=', now))
    }
    const open = row.whereNull('ended_at').where('expires_at', '>', now)
    return state === 'approved' ? open.where({ decision: 'approved' }) : open.whereNull('decision')
  }
}

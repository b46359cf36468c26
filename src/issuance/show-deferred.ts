import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import type { DeferredCredential, DeferredState } from '../store/deferred-row.ts'

/** What became of a deferred credential by now. */
export function stateOf({ collectedAt, decision, endedAt, expiresAt }: DeferredCredential, now: Date): DeferredState {
  if (collectedAt) return 'collected'
  if (decision === 'refused') return 'refused'
  if (endedAt || expiresAt <= now) return 'ended'
  return decision === 'approved' ? 'approved' : 'waiting'
}

type Page = { state: DeferredState | undefined; before: string | undefined; limit: number }

/** A page of the issuer's deferred credentials, the newest first; `next` is where the page after it begins. */
export async function listDeferred(
  { tables, clock }: Pick<Services, 'tables' | 'clock'>,
  issuer: LiveIssuer,
  { state, before, limit }: Page,
): Promise<{ deferred: DeferredCredential[]; next: string | undefined }> {
  const found = await tables.deferredCredentials.list(issuer, { state, before, limit: limit + 1, now: clock() })
  const deferred = found.slice(0, limit)
  return { deferred, next: found.length > limit ? deferred.at(-1)?.id : undefined }
}

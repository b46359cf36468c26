import type { LiveIssuer } from '../model/live.ts'
import type { StoredEvent } from '../store/events.ts'
import type { Tables } from '../store/index.ts'

/**
 * Revokes the copies that earlier tokens of a grant fetched of a credential, within the transaction that issues it anew
 * (`reissued_copies: revoke`). Only a refreshed token has earlier ones; the event is recorded if there are any.
 */
export async function revokeEarlierCopies(
  within: Tables,
  issuer: LiveIssuer,
  credentialId: string,
  { before, event }: { before: Date; event: StoredEvent },
): Promise<void> {
  const copies = await within.earlierCopies.revoke(issuer, credentialId, before, event.createdAt)
  if (copies > 0) await within.events.insert(issuer, { ...event, details: { ...event.details, copies } })
}

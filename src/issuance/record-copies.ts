import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { Missed } from '../store/database.ts'
import type { Tables } from '../store/index.ts'
import type { Allowed } from './authorize-request.ts'
import type { DrawnCopies } from './draw-copies.ts'
import { revokeEarlierCopies } from './revoke-earlier-copies.ts'

/**
 * Makes drawn copies count, within a transaction.
 * @throws Missed `credential_request_denied` past the cap of copies, where the grant has ended, or the credential is suspended or revoked
 */
export async function recordCopies(
  within: Tables,
  issuer: LiveIssuer,
  { token, grant }: Allowed,
  { record, copies, event, replaced }: DrawnCopies,
): Promise<void> {
  const isNew = await within.credentials.insert(issuer, record)
  // Copies that are there already are this very request's, from a run whose COMMIT lost its answer: they were counted then.
  const isFirstRun = await within.credentials.insertCopies(issuer, record.id, copies, record.createdAt)
  if (isFirstRun && !isNew && !(await within.credentials.issueAgain(issuer, record.id, record.expiresAt)))
    throw new Missed(new ProtocolError('credential_request_denied', 'This credential is suspended or revoked.'))
  if (isFirstRun && !(await within.grants.countCopies(issuer, grant.id, copies.length, issuer.settings.copies))) {
    throw new Missed(
      new ProtocolError('credential_request_denied', 'This grant has fetched its copies.', { help: 'copies-limit' }),
    )
  }
  if (issuer.settings.reissued_copies === 'revoke')
    await revokeEarlierCopies(within, issuer, record.id, { before: token.createdAt, event: replaced })
  await within.events.insert(issuer, event)
}

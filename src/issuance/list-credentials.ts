import { inward } from '../lib/ids.ts'
import type { CredentialFilter as AskedFilter } from '../model/credential-status.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { CredentialFilter, StatedCredential } from '../store/credential-rows.ts'
import { subjectText } from './check-subject.ts'

/**
 * A filter as the database knows it: of people it has only keyed indices.
 * @throws ProtocolError `unprocessable` for a session that is none, and for half a person
 */
export async function filterOf(
  { vault }: Pick<Services, 'vault'>,
  { tenantId }: LiveIssuer,
  filter: AskedFilter,
): Promise<CredentialFilter> {
  const { session, account_issuer: issuer, account_subject: subject } = filter
  const sessionId = session === undefined ? undefined : inward('ses', session)
  if (session !== undefined && sessionId === undefined)
    throw new ProtocolError('unprocessable', 'The session is no id of a session.')
  if ((issuer === undefined) !== (subject === undefined))
    throw new ProtocolError('unprocessable', 'A person is named by account_issuer and account_subject together.')
  const sealer = await vault.of(tenantId)
  return {
    status: filter.status,
    configurationId: filter.credential_configuration_id,
    sessionId,
    personIndex:
      issuer === undefined || subject === undefined ? undefined : sealer.index(subjectText.account(issuer, subject)),
    createdAfter: filter.created_after,
    createdBefore: filter.created_before,
  }
}

/** A page of an issuer's credentials, the newest first; `next` is where the page after it begins. */
export async function listCredentials(
  { tables }: Pick<Services, 'tables'>,
  issuer: LiveIssuer,
  filter: CredentialFilter,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<{ credentials: StatedCredential[]; next: string | undefined }> {
  const found = await tables.credentialStatuses.list(issuer, filter, { before, limit: limit + 1 })
  const credentials = found.slice(0, limit)
  return { credentials, next: found.length > limit ? credentials.at(-1)?.id : undefined }
}

import { newId } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { CredentialResponse } from '../protocol/credential.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import { type Allowed, insufficientScope } from './authorize-request.ts'
import { completeWaiting } from './complete-waiting.ts'
import { denied, tooLate } from './defer-credential.ts'
import { drawCopies } from './draw-copies.ts'
import { recordCopies } from './record-copies.ts'

type Needs = Pick<
  Services,
  'clock' | 'random' | 'fetch' | 'vault' | 'keyRing' | 'statusLists' | 'tables' | 'inTransaction' | 'log'
>

const invalid = () => new ProtocolError('invalid_transaction_id', 'The transaction_id is unknown, or was used already.')

/**
 * Deferred Credential Endpoint, OpenID4VCI §9: the copies once the credential is approved and its claims are there, for the keys that were shown when it was asked
 * for. They are fetched once; a transaction belongs to its grant, with any of its tokens.
 * @throws ProtocolError `invalid_transaction_id`; `credential_request_denied` after a refusal, or when nobody decided in time
 */
export async function fetchDeferred(
  services: Needs,
  issuer: LiveIssuer,
  access: Allowed,
  transactionId: string,
): Promise<CredentialResponse> {
  const { clock, tables, inTransaction } = services
  const { token, grant } = access
  const now = clock()
  const found = await tables.deferredCredentials.findByTransaction(issuer, hash(transactionId))
  if (!found || found.grantId !== grant.id || found.collectedAt) throw invalid()
  const { id, credentialId, configurationId, decision } = found
  if (token.configurationIds?.includes(configurationId) === false) throw insufficientScope(access)
  if (decision === 'refused') throw denied('The issuer has refused this credential.')
  if (found.endedAt || found.expiresAt <= now) throw tooLate()
  const configuration = issuer.configurations.get(configurationId)
  if (!configuration) throw denied('This credential cannot be issued any more.')
  const later = { transaction_id: transactionId, interval: issuer.settings.deferred.interval }
  if (decision === undefined && configuration.approval === 'manual') return later

  const selected = { dataset: { configurationId, credentialId }, configuration }
  const completed = await completeWaiting(services, issuer, grant, selected)
  if ('fault' in completed) return later

  const operation = newId(services)
  const holderKeys = found.holderKeys.length > 0 ? found.holderKeys : [undefined]
  const drawn = await drawCopies(services, issuer, access, { ...selected, ...completed }, holderKeys)
  await inTransaction(async (within) => {
    if (!(await within.deferredCredentials.collect(issuer, id, operation, now))) throw new Missed(invalid())
    await recordCopies(within, issuer, access, drawn)
    // A wallet that lost this answer asks for the credential anew, which is approved.
    await within.grants.keepClaims(issuer, grant.id, token.expiresAt)
  })
  return drawn.response
}

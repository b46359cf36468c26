import type { HolderKey } from '../formats/format.ts'
import { newId, newSecret } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after, durationSeconds } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { CredentialResponse } from '../protocol/credential.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { Tables } from '../store/index.ts'
import type { Allowed } from './authorize-request.ts'
import { newEvent } from './record-event.ts'
import type { Selected } from './select-dataset.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'vault' | 'tables' | 'inTransaction'>

/** Neither a decision nor the claims came before its end. */
export const tooLate = () => denied('This credential was not ready in time.')

export const denied = (message: string) => new ProtocolError('credential_request_denied', message)

const transactionPlace = (id: string) => ({ table: 'deferred_credentials', column: 'transaction_sealed', row: id })

/**
 * A credential that an administrator has to approve, or whose claims are still to come (`fault` says why), OpenID4VCI §8.3 and §9: a
 * transaction for the wallet to come back with, or undefined when it is approved. There is one for a credential, so asking again answers
 * the same; the copies will be bound to the keys that were shown last.
 * @throws ProtocolError `credential_request_denied` when it was refused, when nobody decided in time, and for a wallet without a refresh
 * token, which could never come back; the fault for it, where there is one
 */
export async function deferCredential(
  services: Needs,
  issuer: LiveIssuer,
  { grant }: Allowed,
  { dataset, configuration }: Selected,
  holderKeys: readonly (HolderKey | undefined)[],
  takeNonces: (within: Tables) => Promise<void>,
  fault?: ProtocolError,
): Promise<CredentialResponse | undefined> {
  const { clock, vault, tables, inTransaction } = services
  const now = clock()
  const known = await tables.deferredCredentials.findByCredential(issuer, dataset.credentialId)
  if (known?.decision === 'approved' && !fault) return undefined
  if (known?.decision === 'refused') throw denied('The issuer has refused this credential.')
  if (known && (known.endedAt || known.expiresAt <= now)) throw tooLate()
  if (grant.claimsSealed.length === 0) throw denied('This credential cannot be issued any more.')
  if (!(await tables.tokens.hasRefresh(issuer, grant.id, now)))
    throw (
      fault ??
      denied('This credential waits for an approval, and only a wallet with DPoP or attestation can come back for it.')
    )

  const { settings, tenantId } = issuer
  const { credentialId } = dataset
  const [id, transactionId, sealer] = [newId(services), newSecret(services), await vault.of(tenantId)]
  const latest = after(now, durationSeconds(settings.deferred.expires_in)!)
  const { sessionId, offerId } = grant
  const deferred = {
    id,
    grantId: grant.id,
    sessionId,
    offerId,
    credentialId,
    configurationId: configuration.id,
    transactionHash: hash(transactionId),
    transactionSealed: sealer.seal(transactionPlace(id), transactionId),
    createdAt: now,
    expiresAt: latest < grant.expiresAt ? latest : grant.expiresAt,
  }
  const keys = holderKeys.filter((key) => key !== undefined)
  const details = {
    deferred: id,
    credential: credentialId,
    configuration: configuration.id,
    ...(fault && { fault: 'source-gone-at-issue' }),
  }
  const event = newEvent(services, 'credential.deferred', { sessionId, offerId, details })
  await inTransaction(async (within) => {
    await takeNonces(within)
    const isFirst = await within.deferredCredentials.insert(issuer, deferred)
    if (!(await within.deferredCredentials.setKeys(issuer, credentialId, keys, now))) throw new Missed(tooLate())
    if (isFirst) await within.events.insert(issuer, event)
  })
  const waiting = await tables.deferredCredentials.findByCredential(issuer, credentialId)
  if (!waiting?.transactionSealed) throw denied('The issuer has refused this credential.')
  const transaction = sealer.open(transactionPlace(waiting.id), waiting.transactionSealed).toString()
  return { transaction_id: transaction, interval: settings.deferred.interval }
}

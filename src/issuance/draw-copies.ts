import { withheldPaths } from '../claims/plan.ts'
import type { HolderKey } from '../formats/format.ts'
import { formats } from '../formats/index.ts'
import { newId, newSecret } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after, durationSeconds } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { CredentialResponse } from '../protocol/credential.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Credential, NewCopy } from '../store/credentials.ts'
import type { StoredEvent } from '../store/events.ts'
import type { Allowed } from './authorize-request.ts'
import { newEvent } from './record-event.ts'
import type { Selected } from './select-dataset.ts'
import { integrityOf } from './type-metadata.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'keyRing' | 'statusLists'>

/** Signed copies and all that goes into the database with them. */
export type DrawnCopies = {
  record: Omit<Credential, 'tenantId' | 'issuerId' | 'status'>
  copies: NewCopy[]
  event: StoredEvent
  /** That earlier copies gave way to these. */
  replaced: StoredEvent
  response: CredentialResponse
}

/**
 * Signs the copies of a credential, before the transaction that makes them count: what was signed and not committed is thrown away. One
 * for each key, as many as the configuration gives (VCI-72); one bound to nobody where it binds none.
 * @throws ProtocolError `credential_request_denied` where the claims are gone
 */
export async function drawCopies(
  services: Needs,
  issuer: LiveIssuer,
  { grant }: Allowed,
  { dataset, configuration, claims }: Selected & { claims: Record<string, unknown> | undefined },
  holderKeys: readonly (HolderKey | undefined)[],
): Promise<DrawnCopies> {
  const { clock, random, keyRing, statusLists } = services
  if (!claims) throw new ProtocolError('credential_request_denied', 'This credential cannot be issued any more.')

  const now = clock()
  const expiresAt = after(now, durationSeconds(configuration.valid_for)!)
  const keys = await keyRing.of(issuer.tenant)
  const { signing_key: name, signing_algorithm: algorithm } = configuration
  const signer = keys.signerFor({ name, algorithm, format: configuration.format })
  const format = formats.get(configuration.format)!
  const bearers = holderKeys.slice(0, configuration.batch_size)
  const statuses = configuration.status ? await statusLists.allocate(issuer, configuration, bearers.length) : []
  const common = {
    issuer: issuer.identifier,
    configuration,
    claims,
    withheld: withheldPaths(configuration),
    integrity: integrityOf(configuration),
    issuedAt: now,
    expiresAt,
    signer,
    random,
  }
  const credentials: { credential: string }[] = []
  for (const [at, holderKey] of bearers.entries()) {
    credentials.push({ credential: await format.issue({ ...common, holderKey, status: statuses[at] }) })
  }

  const notificationId = newSecret(services)
  const notificationHash = hash(notificationId)
  const copies = bearers.map((_, at) => ({ id: newId(services), status: statuses[at], notificationHash }))
  const details = { credential: dataset.credentialId, configuration: configuration.id, copies: copies.length }
  const ofSession = { sessionId: grant.sessionId, offerId: grant.offerId }
  const reissued = { credential: dataset.credentialId, status: 'invalid', reason: 'reissued' }
  return {
    record: {
      id: dataset.credentialId,
      grantId: grant.id,
      sessionId: grant.sessionId,
      configurationId: configuration.id,
      personIndex: grant.personIndex,
      createdAt: now,
      expiresAt,
    },
    copies,
    event: newEvent(services, 'credential.issued', { ...ofSession, details }),
    replaced: newEvent(services, 'credential.status_changed', { ...ofSession, details: reissued }),
    response: { credentials, notification_id: notificationId },
  }
}

import { hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { CredentialResponse } from '../protocol/credential.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Tables } from '../store/index.ts'
import type { Allowed } from './authorize-request.ts'
import { completeWaiting } from './complete-waiting.ts'
import { deferCredential } from './defer-credential.ts'
import { drawCopies } from './draw-copies.ts'
import { nonceSeconds } from './issue-nonce.ts'
import { recordCopies } from './record-copies.ts'
import type { Selected } from './select-dataset.ts'
import type { ProvenKeys } from './verify-key-proofs.ts'

type Needs = Pick<
  Services,
  'clock' | 'random' | 'fetch' | 'vault' | 'keyRing' | 'statusLists' | 'tables' | 'inTransaction' | 'log'
>

/**
 * Credential Endpoint, OpenID4VCI §8.3: one copy for each proven key, at once or, where an administrator has to approve the credential
 * first or a claim source cannot be read, a transaction to come back with.
 * @throws ProtocolError `invalid_nonce` for a `c_nonce` that another grant used, `credential_request_denied` past the cap of copies, after
 * a refusal, and for a wallet that could not come back; for such a one `temporarily_unavailable` where a claim source is down
 */
export async function issueCredentials(
  services: Needs,
  issuer: LiveIssuer,
  access: Allowed,
  selected: Selected,
  { holderKeys, nonces }: ProvenKeys,
): Promise<CredentialResponse> {
  const { clock, inTransaction } = services
  const takeNonces = (within: Tables) => useNonces(within, issuer, access, nonces, clock())
  if (selected.configuration.approval === 'manual') {
    const waiting = await deferCredential(services, issuer, access, selected, holderKeys, takeNonces)
    if (waiting) return waiting
  }
  const completed = await completeWaiting(services, issuer, access.grant, selected)
  if ('fault' in completed) {
    const { fault } = completed
    const later = await deferCredential(services, issuer, access, selected, holderKeys, takeNonces, fault)
    if (later) return later
    throw fault
  }
  const drawn = await drawCopies(services, issuer, access, { ...selected, ...completed }, holderKeys)
  await inTransaction(async (within) => {
    await takeNonces(within)
    await recordCopies(within, issuer, access, drawn)
  })
  return drawn.response
}

/** A nonce belongs to the grant that first used it, from the moment at which something came of it. */
async function useNonces(
  within: Tables,
  issuer: LiveIssuer,
  { grant }: Allowed,
  nonces: readonly string[],
  now: Date,
): Promise<void> {
  for (const nonce of nonces) {
    if (!(await within.nonceUses.use(issuer, hash(nonce), grant.id, after(now, nonceSeconds))))
      throw new ProtocolError('invalid_nonce', 'The nonce of a proof was used by another grant.')
  }
}

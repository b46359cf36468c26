import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import type { Grant } from '../store/grant-row.ts'
import { newEvent } from './record-event.ts'
import { setStatus, setStatusOfMany } from './set-status.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'inTransaction'>

/** Why a credential is suspended whose account has ended: by this it is found when the account comes back. */
const reason = 'account-ended'

/** The account behind a grant was switched off or deleted: nothing more comes of the grant, or its credentials are suspended until the account is back. */
export async function endAccount(services: Needs, issuer: LiveIssuer, grant: Grant): Promise<void> {
  const { clock, inTransaction } = services
  const { on_account_ended: policy = 'deny' } = issuer.settings.refresh_tokens ?? {}
  if (policy === 'suspend') {
    const ofGrant = { sessionId: grant.sessionId, status: 'valid' } as const
    await setStatusOfMany(services, issuer, ofGrant, { status: 'suspended', reason }, { dryRun: false })
    return
  }
  const event = newEvent(services, 'grant.revoked', { sessionId: grant.sessionId, offerId: grant.offerId })
  await inTransaction(async (within) => {
    await within.grants.end(issuer, grant.id, clock())
    await within.events.insert(issuer, event)
  })
}

/** The account is there: what was suspended for its end is valid again. What an administrator suspended stays so. */
export async function liftEndOfAccount(services: Needs, issuer: LiveIssuer, { sessionId }: Grant): Promise<void> {
  const ofGrant = { sessionId, status: 'suspended' } as const
  const page = { before: undefined, limit: 100 }
  for (const credential of await services.tables.credentialStatuses.list(issuer, ofGrant, page))
    if (credential.reason === reason) await setStatus(services, issuer, credential.id, { status: 'valid' })
}

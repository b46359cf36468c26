import type { LiveIssuer } from '../model/live.ts'
import { faultOf } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { Grant } from '../store/grant-row.ts'
import type { Tables } from '../store/index.ts'
import { endAccount, liftEndOfAccount } from './end-account.ts'
import { busy, type HeldRenewal, holdRenewal } from './hold-renewal.ts'
import { type FreshClaims, renewClaims } from './renew-claims.ts'

type Needs = Parameters<typeof renewClaims>[0] & Pick<Services, 'tables' | 'inTransaction'>

/** What a renewal came to, for the trace, and what of it goes into the transaction that makes the new access token. */
export type RenewedGrant = {
  details: { lost?: string[]; fault?: string }
  record(within: Tables, lifetime: { expiresAt: Date; claimsUntil: Date | undefined }): Promise<void>
}

/** Nothing was fetched: the claims that there are live on for this token. */
const unchanged = (issuer: LiveIssuer, { id }: Grant, details: RenewedGrant['details'] = {}): RenewedGrant => ({
  details,
  async record(within, { expiresAt }) {
    await within.grants.keepClaims(issuer, id, expiresAt)
  },
})

/**
 * Fetches the claims of a grant again, by the way that it keeps, once whatever comes at the same time. If the account has ended, the
 * issuer's policy says what becomes of grant and credentials.
 * @throws ProtocolError `invalid_grant` for a person who has to sign in again, or may have nothing any more; `temporarily_unavailable`
 */
export async function renewGrant(
  services: Needs,
  issuer: LiveIssuer,
  grant: Grant,
  arrivedAt: Date,
): Promise<RenewedGrant> {
  if (!grant.renewalSealed) return unchanged(issuer, grant)
  const held = await holdRenewal(services, issuer, grant, arrivedAt)
  if (!held) return unchanged(issuer, grant)
  const { operation } = held
  try {
    const fresh = await renewClaims(services, issuer, grant, held)
    await liftEndOfAccount(services, issuer, grant)
    return recorded(services, issuer, grant, held, fresh)
  } catch (error) {
    await services.tables.renewals.release(issuer, grant.id, operation)
    if (faultOf(error) !== 'refresh-account-ended') throw error
    if (issuer.settings.refresh_tokens?.on_account_ended === 'reissue' && grant.terms.keepsClaims)
      return unchanged(issuer, grant, { fault: 'refresh-account-ended' })
    await endAccount(services, issuer, grant)
    throw error
  }
}

function recorded(
  { clock }: Pick<Services, 'clock'>,
  issuer: LiveIssuer,
  { id }: Grant,
  { operation, claimsSealed: before }: HeldRenewal,
  { claimsSealed: after, lost }: FreshClaims,
): RenewedGrant {
  return {
    details: lost.length > 0 ? { lost } : {},
    async record(within, { expiresAt, claimsUntil }) {
      const renewed = { before, after, until: claimsUntil ?? expiresAt, now: clock() }
      if (!(await within.renewals.finish(issuer, id, operation, renewed))) throw new Missed(busy())
    },
  }
}

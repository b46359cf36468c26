import { after } from '../lib/time.ts'
import { mostSourceSeconds } from '../model/claim-source.ts'
import type { LiveIssuer } from '../model/live.ts'
import { faultOf, ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Grant } from '../store/grant-row.ts'
import { askClaimSources, type SourceNeeds } from './claim-sources.ts'
import { claimsPlace, evaluateClaims, lackingClaims, openClaims } from './evaluate-claims.ts'
import type { Selected } from './select-dataset.ts'
import { waitingIn, withClaims } from './waiting-claims.ts'

type Needs = SourceNeeds & Pick<Services, 'vault' | 'tables'>

/** The claims of a credential, if the grant still has them, or why they are still to come. */
export type Completed = { claims: Record<string, unknown> | undefined } | { fault: ProtocolError }

/** What a fault of a source means here; undefined for any other error. */
function goneAtIssue(error: unknown): ProtocolError | undefined {
  if (!(error instanceof ProtocolError) || faultOf(error) !== 'source-failed') return undefined
  return new ProtocolError('temporarily_unavailable', 'The claims of this credential cannot be fetched just now.', {
    retryAfter: error.retryAfter ?? 60,
    cause: { ...(error.cause as object), fault: 'source-gone-at-issue' },
  })
}

/**
 * Asks the claim sources that a credential waits for again, once in the issuer's interval whatever comes at once, and puts what they say
 * into the grant. Nothing is asked for a credential that waits for none.
 * @throws ProtocolError `credential_request_denied` where the sources answered and claims are missing nevertheless
 */
export async function completeWaiting(
  services: Needs,
  issuer: LiveIssuer,
  grant: Grant,
  { dataset, configuration }: Selected,
): Promise<Completed> {
  const { clock, vault, tables } = services
  const sealer = await vault.of(issuer.tenantId)
  const granted = openClaims(sealer, grant.id, grant.claimsSealed)
  const waiting = waitingIn(granted, configuration.id)
  if (!waiting) return { claims: granted[configuration.id] }
  const now = clock()
  const interval = Math.max(issuer.settings.deferred.interval, mostSourceSeconds)
  const busy = new ProtocolError('temporarily_unavailable', 'The claims of this credential are being fetched.', {
    retryAfter: interval,
  })
  if (!(await tables.deferredCredentials.takeTurn(issuer, dataset.credentialId, now, after(now, interval))))
    return { fault: busy }

  try {
    const asked = await askClaimSources(services, issuer, [configuration.id], waiting.sources, { mayWait: false })
    const evaluated = evaluateClaims(configuration, asked.sources, clock())
    const missing = 'claims' in evaluated ? lackingClaims(configuration, evaluated.claims, waiting.mandatory) : []
    if (!('claims' in evaluated) || missing.length > 0) {
      const lacking = 'claims' in evaluated ? { missing } : evaluated
      services.log.info({ session: grant.sessionId, configuration: configuration.id, ...lacking }, 'Claims are missing')
      throw new ProtocolError('credential_request_denied', 'The person lacks what the credential needs.')
    }
    const text = JSON.stringify(withClaims(granted, configuration.id, evaluated.claims))
    const claimsSealed = sealer.seal(claimsPlace(grant.id), text)
    if (await tables.grants.replaceClaims(issuer, grant.id, grant.claimsSealed, claimsSealed))
      return { claims: evaluated.claims }
    // Another request was quicker, with this credential or with another one of the grant.
    const current = await tables.grants.claims(issuer, grant.id)
    const claims = current && openClaims(sealer, grant.id, current)[configuration.id]
    return claims ? { claims } : { fault: busy }
  } catch (error) {
    const fault = goneAtIssue(error)
    if (!fault) throw error
    const about = { session: grant.sessionId, configuration: configuration.id, cause: fault.cause }
    services.log.warn(about, 'A claim source is still not available; its credential waits')
    return { fault }
  }
}

import { newId } from '../lib/ids.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { Decision, DeferredCredential } from '../store/deferred-row.ts'
import { claimsPlace, evaluateClaims, openClaims } from './evaluate-claims.ts'
import { newEvent } from './record-event.ts'
import { waitingIn, withWaiting } from './waiting-claims.ts'

/** A credential that waits or waited for a decision. @throws ProtocolError `not_found`, the same for another issuer's */
export async function getDeferred(
  { tables }: Pick<Services, 'tables'>,
  issuer: LiveIssuer,
  id: string,
): Promise<DeferredCredential> {
  const found = await tables.deferredCredentials.find(issuer, id)
  if (!found) throw new ProtocolError('not_found', 'There is no such deferred credential.')
  return found
}

export type DecisionTerms = {
  decision: Decision
  reason: string | undefined
  /** The person's data, as an offer has it, where that was not complete or has to be put right. */
  claims?: Record<string, unknown> | undefined
}

/**
 * Approves or refuses a credential, for good; the wallet learns it when it comes back. The same decision again changes nothing. An approval
 * may bring the claims that the offer lacked.
 * @throws ProtocolError `not_found`; `conflict` if it was decided otherwise, or waits no longer; `unprocessable` where claims are missing
 */
export async function decideDeferred(
  services: Pick<Services, 'clock' | 'random' | 'vault' | 'tables' | 'inTransaction'>,
  issuer: LiveIssuer,
  id: string,
  { decision, reason, claims }: DecisionTerms,
): Promise<DeferredCredential> {
  const { clock, inTransaction } = services
  const waiting = await getDeferred(services, issuer, id)
  const { grantId, sessionId, offerId, credentialId, configurationId } = waiting
  const [operation, now] = [newId(services), clock()]
  const isOpen = decision === 'approved' && waiting.decision === undefined
  const completed = isOpen ? await completeClaims(services, issuer, waiting, claims) : undefined
  const details = { deferred: id, credential: credentialId, configuration: configurationId }
  const event = newEvent(services, `credential.${decision}`, { sessionId, offerId, details })
  const conflict = () =>
    new Missed(new ProtocolError('conflict', 'This credential was decided otherwise, or waits no longer.'))
  return inTransaction(async (within) => {
    const isDecided = await within.deferredCredentials.decide(issuer, id, { decision, reason, operation }, now)
    const found = await within.deferredCredentials.find(issuer, id)
    if (isDecided) {
      if (completed && !(await within.grants.replaceClaims(issuer, grantId, completed.before, completed.after)))
        throw conflict()
      await within.events.insert(issuer, event)
    } else if (found?.decision !== decision) throw conflict()
    return found!
  })
}

/** The grant's claims with those of this credential, as they are now and as they will be; undefined where nothing has to change. */
async function completeClaims(
  { vault, tables, clock }: Pick<Services, 'vault' | 'tables' | 'clock'>,
  issuer: LiveIssuer,
  { grantId, configurationId }: DeferredCredential,
  offer: Record<string, unknown> | undefined,
): Promise<{ before: Buffer; after: Buffer } | undefined> {
  const before = await tables.grants.claims(issuer, grantId)
  const configuration = issuer.configurations.get(configurationId)
  if (!before || before.length === 0 || !configuration) return undefined
  const sealer = await vault.of(issuer.tenantId)
  const granted = openClaims(sealer, grantId, before)
  const waiting = waitingIn(granted, configurationId)
  if (offer === undefined && (granted[configurationId] || waiting)) return undefined
  if (waiting) {
    // The claim sources are asked when the wallet comes back.
    const kept = { ...waiting, sources: { ...waiting.sources, offer: offer ?? {} } }
    const after = JSON.stringify(withWaiting(granted, { [configurationId]: kept }))
    return { before, after: sealer.seal(claimsPlace(grantId), after) }
  }
  const evaluated = evaluateClaims(configuration, { offer: offer ?? {}, session: {} }, clock())
  if ('claims' in evaluated) {
    const after = JSON.stringify({ ...granted, [configurationId]: evaluated.claims })
    return { before, after: sealer.seal(claimsPlace(grantId), after) }
  }
  const mistakes = [
    ...evaluated.missing.map((claim) => ({ pointer: '/claims', detail: `The credential needs ${claim}.` })),
    ...evaluated.unusable.map(({ claim, expected }) => ({
      pointer: '/claims',
      detail: `The credential cannot use what is given for ${claim}: wanted is ${expected}.`,
    })),
  ]
  throw new ProtocolError('unprocessable', 'The credential cannot be issued with these claims.', { mistakes })
}

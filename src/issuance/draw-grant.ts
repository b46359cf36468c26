import { newId } from '../lib/ids.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { CredentialDetail } from '../protocol/authorization-request.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { NewGrant } from '../store/grant-row.ts'
import type { Offer } from '../store/offer-row.ts'
import type { NewSession } from '../store/sessions.ts'
import { askClaimSources, type SourceNeeds } from './claim-sources.ts'
import { claimsPlace, evaluateClaims, type GrantedClaims, lackingClaims } from './evaluate-claims.ts'
import { offerClaims } from './offer-behind.ts'
import type { Sender } from './open-session.ts'
import { canComeBack } from './refresh-policy.ts'
import { drawOfferRenewal, renewalPlace } from './renewal.ts'
import { mandatoryIn } from './select-configurations.ts'
import { toKeep, type WaitingClaims, withWaiting } from './waiting-claims.ts'

type Needs = SourceNeeds & Pick<Services, 'vault'>

/**
 * The session and the grant that a personal offer yields, drawn before the transaction that spends it. Claims are evaluated now, with what
 * the claim sources say of the person whom the offer names; what a source cannot say now comes later, for a wallet that can come back.
 * @throws ProtocolError the fault `source-failed`
 */
export async function drawGrant(
  services: Needs,
  issuer: LiveIssuer,
  offer: Offer,
  sender: Sender,
  wanted: readonly CredentialDetail[] | undefined,
): Promise<{ session: NewSession; grant: NewGrant }> {
  const { clock, vault } = services
  const sealer = await vault.of(issuer.tenantId)
  const now = clock()
  const known = { offer: await offerClaims(services, issuer, { personal: offer }), session: {} }
  const mandatory = mandatoryIn(wanted ?? [])
  const ids = offer.terms.configurationIds
  const mayWait = canComeBack(issuer, sender)
  const gathered = await askClaimSources(services, issuer, ids, known, { mayWait })
  const waiting: Record<string, WaitingClaims> = {}
  const granted: GrantedClaims = {}
  const later: string[] = []
  for (const id of ids) {
    const configuration = issuer.configurations.get(id)
    const kept = configuration && toKeep(issuer, configuration, gathered, mandatory[id])
    if (kept) {
      waiting[id] = kept
      continue
    }
    const evaluated = configuration && evaluateClaims(configuration, gathered.sources, now)
    if (evaluated && 'claims' in evaluated) granted[id] = evaluated.claims
    // The source is not ready: who approves the credential brings the rest.
    else if (configuration?.approval === 'manual' && evaluated?.unusable.length === 0) later.push(id)
    else
      services.log.warn(
        { offer: offer.id, configuration: id, lacking: evaluated },
        'An offered credential cannot be issued any more',
      )
  }
  // Before anything is spent: the wallet may ask again without them.
  for (const [id, claims] of Object.entries(granted)) {
    if (lackingClaims(issuer.configurations.get(id)!, claims, mandatory[id]).length > 0)
      throw new ProtocolError(
        'invalid_authorization_details',
        'A claim that the wallet calls mandatory cannot be included.',
      )
  }
  const covered = [...Object.keys(granted), ...Object.keys(waiting), ...later]
  if (covered.length === 0) {
    throw new ProtocolError('invalid_grant', 'Nothing of this offer can be issued any more.', {
      help: 'offer-withdrawn',
    })
  }
  const [sessionId, grantId] = [newId(services), newId(services)]
  const session: NewSession = {
    id: sessionId,
    offerId: offer.id,
    viewHash: undefined,
    clientId: sender.clientId,
    walletProfile: undefined,
    dialect: '1.0',
    identityProvider: undefined,
    configurationVersion: issuer.tenant.configurationVersion,
    state: 'granted',
    personIndex: undefined,
    createdAt: now,
    expiresAt: now,
  }
  const renewal = drawOfferRenewal(issuer, covered, known.offer, mandatory)
  const grant: NewGrant = {
    id: grantId,
    sessionId,
    kind: 'pre-authorized_code',
    clientId: sender.clientId,
    keyThumbprint: sender.keyThumbprint,
    attestationKey: sender.attestationKey,
    terms: {
      datasets: covered.map((configurationId) => ({ configurationId, credentialId: newId(services) })),
      byDetails: true,
      // Without a claim source there is nobody to ask for the claims of an offer again.
      ...(issuer.settings.refresh_tokens && !renewal && { keepsClaims: true }),
    },
    claimsSealed: sealer.seal(claimsPlace(grantId), JSON.stringify(withWaiting(granted, waiting))),
    ...(renewal && { renewalSealed: sealer.seal(renewalPlace(grantId), JSON.stringify(renewal)) }),
    personIndex: undefined,
    offerId: offer.id,
    redeemedBy: undefined,
    createdAt: now,
    expiresAt: now,
  }
  return { session, grant }
}

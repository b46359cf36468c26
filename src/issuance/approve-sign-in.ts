import { newId, newSecret } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { NewGrant } from '../store/grant-row.ts'
import { answerUrl } from './answer-wallet.ts'
import { claimsPlace } from './evaluate-claims.ts'
import type { SignInResult } from './evaluate-sign-in.ts'
import { allTaken, findOfferBehind } from './offer-behind.ts'
import { type OpenSignIn, pageOver } from './open-sign-in.ts'
import { newEvent } from './record-event.ts'
import { keepsClaims, renewalPlace } from './renewal.ts'
import { withWaiting } from './waiting-claims.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'vault' | 'inTransaction'>

const codeSeconds = 60

/** Authorization Response, OpenID4VCI §5.2: the grant and its code. Deciding spends the sign-in and with it the request. */
export async function approveSignIn(
  services: Needs,
  issuer: LiveIssuer,
  open: OpenSignIn,
  result: SignInResult,
): Promise<string> {
  const { clock, vault, inTransaction } = services
  const { id, request } = open
  const behind = request.offer && (await findOfferBehind(services, issuer, request.offer))
  const limited = behind && 'shared' in behind && behind.shared.maxUses !== undefined ? behind.shared : undefined
  const [operation, grantId, code, now] = [newId(services), newId(services), newSecret(services), clock()]
  const sealer = await vault.of(issuer.tenantId)
  const { byDetails, redirectUri, codeChallenge } = request
  const { renewal, identityProvider } = result
  const isKept = keepsClaims(issuer, identityProvider, renewal)
  const granted = Object.keys({ ...result.claims, ...result.waiting })
  const datasets = granted.map((configurationId) => ({ configurationId, credentialId: newId(services) }))
  const isGranted = (scope: string) => granted.some((id) => issuer.configurations.get(id)?.scope === scope)
  const scope = request.scope?.split(' ').filter(isGranted).join(' ')
  const grant: NewGrant = {
    id: grantId,
    sessionId: id,
    kind: 'authorization_code',
    codeHash: hash(code),
    clientId: request.clientId,
    keyThumbprint: request.keyThumbprint,
    attestationKey: request.attestationKey,
    terms: {
      datasets,
      byDetails,
      redirectUri,
      codeChallenge,
      ...(scope && { scope }),
      ...(isKept && { keepsClaims: true }),
    },
    claimsSealed: sealer.seal(claimsPlace(grantId), JSON.stringify(withWaiting(result.claims, result.waiting))),
    ...(renewal && { renewalSealed: sealer.seal(renewalPlace(grantId), JSON.stringify(renewal)) }),
    personIndex: result.personIndex,
    // A personal offer is spent with the code; a shared one is everybody's.
    offerId: request.offer?.shared === false ? request.offer.id : undefined,
    redeemedBy: undefined,
    createdAt: now,
    expiresAt: after(now, codeSeconds),
  }
  const event = newEvent(services, 'session.approved', { sessionId: id, offerId: request.offer?.id })
  await inTransaction(async (within) => {
    if (!(await within.signIns.decide(issuer, id, operation, 'approve', clock()))) throw new Missed(pageOver())
    if (limited && !(await within.sharedOffers.takeUse(issuer, limited.id, grantId))) throw new Missed(allTaken())
    await within.grants.insert(issuer, grant)
    await within.sessions.update(issuer, id, { state: 'granted' })
    await within.events.insert(issuer, event)
  })
  return answerUrl(issuer, request, { code })
}

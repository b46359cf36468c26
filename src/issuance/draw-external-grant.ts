import { newId } from '../lib/ids.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import type { StoredEvent } from '../store/events.ts'
import type { NewGrant } from '../store/grant-row.ts'
import type { NewSession } from '../store/sessions.ts'
import type { NewToken } from '../store/tokens.ts'
import type { ExternalToken } from '../tokens/external.ts'
import { askUserInfo } from '../tokens/introspect.ts'
import { subjectText } from './check-subject.ts'
import { askClaimSources, type SourceNeeds } from './claim-sources.ts'
import { claimsPlace, evaluateClaims, type GrantedClaims } from './evaluate-claims.ts'
import { sessionOf } from './gather-sources.ts'
import type { Lacking } from './lacking-claims.ts'
import { newEvent } from './record-event.ts'
import { toKeep, type WaitingClaims, withWaiting } from './waiting-claims.ts'

type Needs = SourceNeeds & Pick<Services, 'vault'>

/** All that is recorded of an external token; its row has the token's `id` for a hash, so that there is one. */
export type DrawnExternalGrant = { session: NewSession; grant: NewGrant; token: NewToken; events: StoredEvent[] }

/**
 * The session, the grant and the row of an external token. The rules find its claims under `id_token`: it is what the provider says of the
 * person, and rules do not have to know by which token it was said.
 * @throws ProtocolError `temporarily_unavailable` where UserInfo or a claim source has to be asked and does not answer
 */
export async function drawExternalGrant(
  services: Needs,
  issuer: LiveIssuer,
  external: ExternalToken,
  covered: readonly LiveConfiguration[],
  accessToken: string,
): Promise<DrawnExternalGrant> {
  const { clock, vault } = services
  const { account, clientId, keyThumbprint, expiresAt, server, scopes } = external
  const [sessionId, grantId, now] = [newId(services), newId(services), clock()]
  const { claims, lacking } = await evaluateExternal(services, issuer, external, covered, accessToken)
  const sealer = await vault.of(issuer.tenantId)
  const personIndex = sealer.index(subjectText.account(account.issuer, account.subject))
  const common = { clientId, personIndex, offerId: undefined, createdAt: now, expiresAt }
  const session: NewSession = {
    ...common,
    id: sessionId,
    viewHash: undefined,
    walletProfile: undefined,
    dialect: '1.0',
    identityProvider: server.id,
    configurationVersion: issuer.tenant.configurationVersion,
    state: Object.keys(claims).length > 0 ? 'granted' : 'failed',
  }
  const grant: NewGrant = {
    ...common,
    id: grantId,
    sessionId,
    kind: 'external',
    keyThumbprint,
    attestationKey: undefined,
    terms: {
      datasets: covered.map(({ id: configurationId }) => ({ configurationId, credentialId: newId(services) })),
      byDetails: false,
      scope: scopes.join(' '),
      lacking: Object.fromEntries(
        lacking.map(({ configurationId, missing, unusable }) => [configurationId, [...missing, ...unusable]]),
      ),
    },
    claimsSealed: sealer.seal(claimsPlace(grantId), JSON.stringify(claims)),
    redeemedBy: undefined,
  }
  const token: NewToken = {
    hash: external.id,
    grantId,
    kind: 'external',
    keyThumbprint,
    attestationKey: undefined,
    authentication: 'none',
    configurationIds: undefined,
    createdAt: now,
    expiresAt,
  }
  const refused = { error: 'credential_request_denied', fault: 'external-claims-missing', lacking }
  const events = [
    newEvent(services, 'session.signed_in', { sessionId, details: { authorization_server: server.id } }),
    ...(lacking.length > 0 ? [newEvent(services, 'session.refused', { sessionId, details: refused })] : []),
  ]
  return { session, grant, token, events }
}

async function evaluateExternal(
  services: Needs,
  issuer: LiveIssuer,
  { claims: said, account, keyThumbprint, server }: ExternalToken,
  covered: readonly LiveConfiguration[],
  accessToken: string,
): Promise<{ claims: GrantedClaims; lacking: Lacking[] }> {
  const person = { subject: account.subject, isBound: keyThumbprint !== undefined }
  const userinfo = await askUserInfo(services, server, accessToken, person)
  const known = { id_token: said, ...(userinfo && { userinfo }), session: sessionOf(server.id, said) }
  const ids = covered.map(({ id }) => id)
  // What a source cannot say now is asked again when its credential is: the others need not wait for it.
  const gathered = await askClaimSources(services, issuer, ids, known, { mayWait: true })
  const [claims, waiting, lacking]: [GrantedClaims, Record<string, WaitingClaims>, Lacking[]] = [{}, {}, []]
  for (const configuration of covered) {
    const kept = toKeep(issuer, configuration, gathered, undefined)
    const evaluated = kept ?? evaluateClaims(configuration, gathered.sources, services.clock())
    if ('sources' in evaluated) waiting[configuration.id] = evaluated
    else if ('claims' in evaluated) claims[configuration.id] = evaluated.claims
    else {
      const { missing, unusable } = evaluated
      services.log.info(
        { issuer: issuer.identifier, configuration: configuration.id, missing, unusable },
        'A token lacks what a credential needs',
      )
      lacking.push({ configurationId: configuration.id, missing, unusable: unusable.map(({ claim }) => claim) })
    }
  }
  return { claims: withWaiting(claims, waiting), lacking }
}

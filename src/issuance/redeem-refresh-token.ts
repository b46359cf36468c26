import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { RefreshTokenRequest, TokenResponse } from '../protocol/token.ts'
import type { Grant } from '../store/grant-row.ts'
import type { TokenOfGrant } from '../store/tokens.ts'
import { drawAccessToken } from './draw-tokens.ts'
import { checkNarrowing, type Sender } from './open-session.ts'
import { newEvent } from './record-event.ts'
import { inSession } from './record-refusal.ts'
import { checkOwner } from './refresh-policy.ts'
import { renewGrant } from './renew-grant.ts'

type Needs = Parameters<typeof renewGrant>[0]

const refused = (message = 'The refresh token is unknown, revoked or expired.') =>
  new ProtocolError('invalid_grant', message)

/**
 * Refresh, RFC 6749 §6 and OpenID4VCI §14.5: a fresh access token of the same grant, with the same credential identifiers, and with claims
 * of now where the grant keeps a way to them. The refresh token stays as it is and ends when it always would have.
 */
export async function redeemRefreshToken(
  services: Needs,
  issuer: LiveIssuer,
  request: RefreshTokenRequest,
  sender: Sender,
): Promise<TokenResponse> {
  const found = await services.tables.tokens.findWithGrant(issuer, hash(request.refresh_token), ['refresh'])
  if (!found) throw refused()
  return inSession(found.grant.sessionId, () => refreshToken(services, issuer, found, request, sender))
}

async function refreshToken(
  services: Needs,
  issuer: LiveIssuer,
  found: TokenOfGrant,
  request: RefreshTokenRequest,
  sender: Sender,
): Promise<TokenResponse> {
  const { clock, inTransaction } = services
  const arrivedAt = clock()
  const { token: refresh, grant } = found
  checkOwner(found, sender)
  if (refresh.keyThumbprint !== undefined && sender.keyThumbprint === undefined)
    throw refused('The refresh token is bound to a key, and the request has no DPoP proof.')
  if (refresh.revokedAt || grant.endedAt || refresh.expiresAt.getTime() - clock().getTime() < 1000) throw refused()

  const configurationIds = narrow(request, issuer, grant)
  const renewed = await renewGrant(services, issuer, grant, arrivedAt)
  const until = refresh.expiresAt
  const { token, response } = drawAccessToken(services, issuer, { grant, sender, configurationIds, until })
  const ofSession = { sessionId: grant.sessionId, offerId: grant.offerId }
  const event = newEvent(services, 'grant.refreshed', { ...ofSession, details: renewed.details })
  const claimsUntil = grant.terms.keepsClaims ? refresh.expiresAt : undefined
  await inTransaction(async (within) => {
    await renewed.record(within, { expiresAt: token.expiresAt, claimsUntil })
    await within.tokens.insert(issuer, token)
    await within.events.insert(issuer, event)
  })
  return response
}

/** What the new access token covers, where the request wants less than the grant allows. It never widens (RFC 6749 §6, RFC 9396 §6). */
function narrow(request: RefreshTokenRequest, issuer: LiveIssuer, { terms }: Grant): string[] | undefined {
  const granted = terms.datasets.map(({ configurationId }) => configurationId)
  const byDetails = checkNarrowing(request, issuer, granted)
  if (request.scope === undefined) return byDetails
  const [wanted, scopes] = [request.scope.split(' '), terms.scope?.split(' ') ?? []]
  if (wanted.some((value) => !scopes.includes(value)))
    throw new ProtocolError('invalid_scope', 'The scope reaches beyond what was granted.')
  const byScope = granted.filter((id) => wanted.includes(issuer.configurations.get(id)?.scope ?? ''))
  return byDetails ? byScope.filter((id) => byDetails.includes(id)) : byScope
}

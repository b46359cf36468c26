import { createHash } from 'node:crypto'
import { newId } from '../lib/ids.ts'
import { equal, hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { AuthorizationCodeRequest, TokenResponse } from '../protocol/token.ts'
import type { Services } from '../services.ts'
import { Missed } from '../store/database.ts'
import type { Grant } from '../store/grant-row.ts'
import { drawTokens } from './draw-tokens.ts'
import type { Sender } from './open-session.ts'
import { newEvent } from './record-event.ts'
import { inSession } from './record-refusal.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'inTransaction'>

const refused = (message = 'The authorization code is unknown, used or expired.') =>
  new ProtocolError('invalid_grant', message)
const reuseGraceMs = 1000

/** Authorization Code Flow, OpenID4VCI §6.1 and RFC 6749 §4.1.3: spends the code, and the personal offer behind it, for a token. */
export async function redeemAuthorizationCode(
  services: Needs,
  issuer: LiveIssuer,
  request: AuthorizationCodeRequest,
  sender: Sender,
): Promise<TokenResponse> {
  const arrivedAt = services.clock()
  const grant = await services.tables.grants.findByCode(issuer, hash(request.code))
  if (!grant) throw refused()
  return inSession(grant.sessionId, () => redeem(services, issuer, grant, { request, sender, arrivedAt }))
}

async function redeem(
  services: Needs,
  issuer: LiveIssuer,
  grant: Grant,
  { request, sender, arrivedAt }: { request: AuthorizationCodeRequest; sender: Sender; arrivedAt: Date },
): Promise<TokenResponse> {
  const { clock, inTransaction } = services
  checkBinding(grant, request, sender)
  if (grant.redeemedBy !== undefined) return endReused(services, issuer, grant, arrivedAt)
  if (grant.endedAt || grant.expiresAt <= clock()) throw refused()

  const operation = newId(services)
  const { tokens, response, lifetime } = drawTokens(services, issuer, grant, request, sender)
  const event = newEvent(services, 'grant.redeemed', { sessionId: grant.sessionId, offerId: grant.offerId })
  await inTransaction(async (within) => {
    const now = clock()
    if (!(await within.grants.redeem(issuer, grant.id, operation, now, lifetime))) throw new Missed(refused())
    if (grant.offerId && !(await within.offers.redeem(issuer, grant.offerId, operation, now))) {
      throw new Missed(refused('The offer behind this code was used, withdrawn or has expired.'))
    }
    await within.sessions.update(issuer, grant.sessionId, { expiresAt: lifetime.expiresAt })
    for (const token of tokens) await within.tokens.insert(issuer, token)
    await within.events.insert(issuer, event)
  })
  return response
}

/** The code is bound to the client, its redirect URI, its PKCE challenge (RFC 7636 §4.6) and, if one was shown, its DPoP key (RFC 9449 §10). */
function checkBinding(
  { clientId, keyThumbprint, attestationKey, terms }: Grant,
  request: AuthorizationCodeRequest,
  sender: Sender,
): void {
  if (sender.clientId === undefined) throw new ProtocolError('invalid_request', 'The request has no client_id.')
  if (sender.clientId !== clientId) throw refused('The code belongs to another client.')
  if (request.redirect_uri !== undefined && request.redirect_uri !== terms.redirectUri)
    throw refused('The redirect_uri is not that of the authorization request.')
  const challenge = createHash('sha256')
    .update(request.code_verifier ?? '')
    .digest('base64url')
  if (request.code_verifier === undefined || !equal(challenge, terms.codeChallenge ?? ''))
    throw refused('The code_verifier is wrong or missing.')
  if (attestationKey !== undefined && attestationKey !== sender.attestationKey)
    throw refused('The code belongs to another instance of the wallet.')
  if (keyThumbprint !== undefined && keyThumbprint !== sender.keyThumbprint)
    throw refused('The code is bound to another DPoP key.')
}

/**
 * RFC 6749 §4.1.2: a code that comes again ends what came of it, unless it came within a second, for racing retries must not kill the
 * winner. What counts is when a request arrived: a busy node may have let it wait.
 */
async function endReused(services: Needs, issuer: LiveIssuer, grant: Grant, arrivedAt: Date): Promise<never> {
  const { clock, inTransaction } = services
  const now = clock()
  if (grant.redeemedAt && arrivedAt.getTime() - grant.redeemedAt.getTime() > reuseGraceMs) {
    const event = newEvent(services, 'grant.reused', { sessionId: grant.sessionId, offerId: grant.offerId })
    await inTransaction(async (within) => {
      await within.grants.end(issuer, grant.id, now)
      await within.events.insert(issuer, event)
    })
  }
  throw refused()
}

import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { preAuthorizedCodeGrant, type TokenRequest, type TokenResponse } from '../protocol/token.ts'
import type { Services } from '../services.ts'
import type { Sender } from './open-session.ts'
import { redeemAuthorizationCode } from './redeem-authorization-code.ts'
import { redeemPreAuthorizedCode } from './redeem-pre-authorized-code.ts'
import { redeemRefreshToken } from './redeem-refresh-token.ts'
import { givesRefreshTokens } from './refresh-policy.ts'

/** Token Endpoint, OpenID4VCI §6: a grant for a token. What `sender` claims was proven. */
export async function grantToken(
  services: Pick<
    Services,
    'clock' | 'random' | 'fetch' | 'keyRing' | 'providerKeys' | 'vault' | 'tables' | 'inTransaction' | 'log'
  >,
  issuer: LiveIssuer,
  request: TokenRequest,
  sender: Sender,
): Promise<TokenResponse> {
  if (request.resource !== undefined && request.resource !== issuer.identifier) {
    throw new ProtocolError('invalid_target', 'The resource is not this issuer.')
  }
  const { authorization_code: bySignIn, pre_authorized_code: byCode } = issuer.settings.grants
  const served = {
    authorization_code: bySignIn !== undefined,
    [preAuthorizedCodeGrant]: byCode !== undefined,
    refresh_token: givesRefreshTokens(issuer),
  }
  if (!served[request.grant_type]) {
    throw new ProtocolError('unsupported_grant_type', 'This issuer does not serve this grant_type.')
  }
  switch (request.grant_type) {
    case preAuthorizedCodeGrant:
      return redeemPreAuthorizedCode(services, issuer, request, sender)
    case 'authorization_code':
      return redeemAuthorizationCode(services, issuer, request, sender)
    case 'refresh_token':
      return redeemRefreshToken(services, issuer, request, sender)
  }
}

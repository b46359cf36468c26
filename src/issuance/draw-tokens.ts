import { newSecret, outward } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { TokenRequest, TokenResponse } from '../protocol/token.ts'
import type { Services } from '../services.ts'
import type { Dataset, Lifetime, NewGrant } from '../store/grant-row.ts'
import type { NewToken } from '../store/tokens.ts'
import { checkNarrowing, type Sender } from './open-session.ts'
import { refreshPolicy } from './refresh-policy.ts'

const bearerSeconds = 300
const boundSeconds = 900

type Bound = { grant: Pick<NewGrant, 'id' | 'terms' | 'renewalSealed'>; sender: Sender }

/** A token bound to whatever its sender has proven. */
function drawToken(
  services: Pick<Services, 'clock' | 'random'>,
  { grant, sender }: Bound,
  token: Pick<NewToken, 'kind' | 'configurationIds' | 'expiresAt'>,
): { secret: string; token: NewToken } {
  const { keyThumbprint, attestationKey, authentication } = sender
  const secret = newSecret(services)
  const bound = { keyThumbprint, attestationKey, authentication, grantId: grant.id, createdAt: services.clock() }
  return { secret, token: { ...token, ...bound, hash: hash(secret) } }
}

/**
 * An access token over these configurations of a grant, or over all, and the answer that carries it. A bearer token lives 300 s at most
 * (VCI-56), one bound to a DPoP key 15 minutes, and none longer than `until`.
 */
export function drawAccessToken(
  services: Pick<Services, 'clock' | 'random'>,
  issuer: LiveIssuer,
  bound: Bound & { configurationIds: string[] | undefined; until?: Date },
): { token: NewToken; response: TokenResponse } {
  const { grant, sender, configurationIds, until } = bound
  const now = services.clock()
  const isBound = sender.keyThumbprint !== undefined
  const most = until ? Math.floor((until.getTime() - now.getTime()) / 1000) : Number.POSITIVE_INFINITY
  const lifetime = Math.min(isBound ? boundSeconds : bearerSeconds, most)
  const expiresAt = after(now, lifetime)
  const { secret, token } = drawToken(services, bound, { kind: 'access', configurationIds, expiresAt })
  const datasets = grant.terms.datasets.filter((one) => configurationIds?.includes(one.configurationId) ?? true)
  const response: TokenResponse = {
    access_token: secret,
    token_type: isBound ? 'DPoP' : 'Bearer',
    expires_in: lifetime,
    ...scopeOf(issuer, grant.terms.scope, datasets),
    ...((configurationIds || grant.terms.byDetails) && { authorization_details: datasets.map(detailOf) }),
  }
  return { token, response }
}

/**
 * The tokens that a grant yields, drawn before the transaction that spends it, and the answer that carries them. A refresh token is for
 * all of the grant, also where the access token was narrowed.
 * @throws ProtocolError `invalid_authorization_details` if the token request reaches beyond the grant (VCI-48)
 */
export function drawTokens(
  services: Pick<Services, 'clock' | 'random'>,
  issuer: LiveIssuer,
  grant: Bound['grant'],
  request: TokenRequest,
  sender: Sender,
): { tokens: NewToken[]; response: TokenResponse; lifetime: Lifetime } {
  const granted = grant.terms.datasets.map(({ configurationId }) => configurationId)
  const configurationIds = checkNarrowing(request, issuer, granted)
  const access = drawAccessToken(services, issuer, { grant, sender, configurationIds })
  const { expiresAt } = access.token
  const policy = refreshPolicy(issuer, sender, grant, services.clock())
  if (!policy)
    return { tokens: [access.token], response: access.response, lifetime: { expiresAt, claimsUntil: expiresAt } }
  const whole = { kind: 'refresh', configurationIds: undefined, expiresAt: policy.expiresAt } as const
  const refresh = drawToken(services, { grant, sender }, whole)
  return {
    tokens: [access.token, refresh.token],
    response: { ...access.response, refresh_token: refresh.secret },
    lifetime: { expiresAt: policy.expiresAt, claimsUntil: policy.claimsUntil ?? expiresAt },
  }
}

/** The scope that was granted, without what the token request gave up (RFC 6749 §3.3). */
function scopeOf(issuer: LiveIssuer, granted: string | undefined, datasets: Dataset[]): { scope?: string } {
  const covered = datasets.map(({ configurationId }) => issuer.configurations.get(configurationId)?.scope)
  const scope = granted?.split(' ').filter((value) => covered.includes(value))
  return scope && scope.length > 0 ? { scope: scope.join(' ') } : {}
}

const detailOf = ({ configurationId, credentialId }: Dataset) => ({
  type: 'openid_credential' as const,
  credential_configuration_id: configurationId,
  credential_identifiers: [outward('crd', credentialId)],
})

import { newSecret, outward } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { narrowedTo, type TokenRequest, type TokenResponse } from '../protocol/token.ts'
import type { Services } from '../services.ts'
import type { Dataset, GrantTerms } from '../store/grants.ts'
import type { NewToken } from '../store/tokens.ts'

const bearerSeconds = 300
const boundSeconds = 900

/** Who sent a request to the authorization server, as far as it was proven. */
export type Sender = {
  /** Proven where `authentication` is not `none`. */
  clientId: string | undefined
  authentication: 'none' | 'private_key_jwt' | 'attest_jwt_client_auth'
  /** The thumbprint of the proven DPoP key. */
  keyThumbprint: string | undefined
  /** The thumbprint of the wallet instance's key, the `cnf` of its attestation. */
  attestationKey: string | undefined
  /** Who attested the wallet, and what it calls it. */
  attesterId?: string
  name?: string | undefined
}

/**
 * The configurations that a token request narrows a grant to, OpenID4VCI §6.1.1, or undefined.
 * @throws ProtocolError `invalid_authorization_details` if it reaches beyond what was granted (VCI-48)
 */
export function checkNarrowing(request: TokenRequest, issuer: LiveIssuer, granted: string[]): string[] | undefined {
  const narrowed = narrowedTo(request, issuer.identifier)?.map(({ configurationId }) => configurationId)
  if (narrowed?.some((id) => !granted.includes(id))) {
    throw new ProtocolError('invalid_authorization_details', 'The request reaches beyond what was granted.')
  }
  return narrowed
}

/**
 * The access token that a grant yields, drawn before the transaction that spends the grant, and the answer that carries it.
 * A bearer token lives 300 s at most (VCI-56), one bound to a DPoP key 15 minutes.
 * @throws ProtocolError `invalid_authorization_details` if the token request reaches beyond the grant (VCI-48)
 */
export function drawToken(
  services: Pick<Services, 'clock' | 'random'>,
  issuer: LiveIssuer,
  grant: { id: string; terms: GrantTerms },
  request: TokenRequest,
  sender: Sender,
): { token: NewToken; response: TokenResponse } {
  const granted = grant.terms.datasets.map(({ configurationId }) => configurationId)
  const narrowed = checkNarrowing(request, issuer, granted)
  const datasets = grant.terms.datasets.filter(({ configurationId }) => narrowed?.includes(configurationId) ?? true)
  const bound = sender.keyThumbprint !== undefined
  const [now, lifetime] = [services.clock(), bound ? boundSeconds : bearerSeconds]
  const secret = newSecret(services)
  const token: NewToken = {
    hash: hash(secret),
    grantId: grant.id,
    keyThumbprint: sender.keyThumbprint,
    configurationIds: narrowed,
    createdAt: now,
    expiresAt: after(now, lifetime),
  }
  const response: TokenResponse = {
    access_token: secret,
    token_type: bound ? 'DPoP' : 'Bearer',
    expires_in: lifetime,
    ...scopeOf(issuer, grant.terms.scope, datasets),
    ...((narrowed || grant.terms.byDetails) && { authorization_details: datasets.map(detailOf) }),
  }
  return { token, response }
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

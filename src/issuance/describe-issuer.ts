import { claimsMetadata } from '../claims/plan.ts'
import { formats } from '../formats/index.ts'
import { hasOwnGrants } from '../model/issuer.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { preAuthorizedCodeGrant } from '../protocol/token.ts'
import type { Services } from '../services.ts'
import { bindingMetadata } from './describe-binding.ts'
import { clientAuthenticationMetadata, revocationMetadata } from './describe-client-authentication.ts'
import { encryptionMetadata } from './message-encryption.ts'
import { givesRefreshTokens, mayDefer } from './refresh-policy.ts'
import { dpopAlgorithms } from './verify-sender.ts'
import { mustPush } from './wallets.ts'

/** Credential Issuer Metadata, OpenID4VCI §12.2.4, from the stored identifier. */
export async function issuerMetadata(
  services: Pick<Services, 'encryptionKeys'>,
  issuer: LiveIssuer,
): Promise<Record<string, unknown>> {
  const { identifier, settings } = issuer
  const display = settings.display ?? issuer.tenant.settings.display
  const batchSize = largestBatch(issuer)
  return {
    credential_issuer: identifier,
    // Without the member the issuer is its own authorization server, and wallets ask less of it.
    ...(issuer.authorizationServers.length > 0 && { authorization_servers: authorizationServersOf(issuer) }),
    credential_endpoint: `${identifier}/credential`,
    nonce_endpoint: `${identifier}/nonce`,
    ...(mayDefer(issuer) && { deferred_credential_endpoint: `${identifier}/deferred-credential` }),
    notification_endpoint: `${identifier}/notification`,
    ...(await encryptionMetadata(services, issuer)),
    ...(batchSize > 1 && { batch_credential_issuance: { batch_size: batchSize } }),
    ...(display && {
      display: display.map(({ name, locale, logo }) => ({ name, ...(locale && { locale }), ...(logo && { logo }) })),
    }),
    credential_configurations_supported: Object.fromEntries(
      [...issuer.configurations.values()].map((configuration) => [configuration.id, describe(configuration)]),
    ),
  }
}

/** Where wallets get their tokens, by issuer identifiers (RFC 8414 §2): ours first, if it grants anything. */
export const authorizationServersOf = ({ identifier, settings, authorizationServers }: LiveIssuer): string[] => [
  ...(hasOwnGrants(settings) ? [identifier] : []),
  ...authorizationServers.map(({ issuer }) => issuer),
]

/** Of all configurations the most copies that one answer may hold. */
const largestBatch = ({ settings, configurations }: LiveIssuer): number =>
  Math.min(
    settings.batch_size,
    Math.max(...[...configurations.values()].map(({ batch_size }) => batch_size ?? settings.batch_size)),
  )

function describe(configuration: LiveConfiguration): Record<string, unknown> {
  const format = formats.get(configuration.format)!
  return {
    format: format.id,
    scope: configuration.scope,
    ...format.metadata(configuration),
    ...bindingMetadata(configuration, format),
    credential_signing_alg_values_supported: format.algorithms(configuration.signing_algorithm),
    credential_metadata: {
      ...(configuration.display && { display: configuration.display }),
      claims: claimsMetadata(configuration),
    },
  }
}

/**
 * Authorization Server Metadata, RFC 8414 §2 and OpenID4VCI §12.3: what is listed is what is served.
 * @throws ProtocolError `not_found` for an issuer that grants nothing itself
 */
export function authorizationServerMetadata(issuer: LiveIssuer): Record<string, unknown> {
  const { identifier, settings } = issuer
  if (!hasOwnGrants(settings))
    throw new ProtocolError('not_found', 'The authorization servers of this issuer are those that its metadata names.')
  const { authorization_code: bySignIn, pre_authorized_code: byCode } = settings.grants
  return {
    issuer: identifier,
    ...(bySignIn && {
      authorization_endpoint: `${identifier}/authorize`,
      pushed_authorization_request_endpoint: `${identifier}/par`,
      require_pushed_authorization_requests: mustPush(issuer),
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      scopes_supported: [...new Set([...issuer.configurations.values()].map(({ scope }) => scope))],
    }),
    token_endpoint: `${identifier}/token`,
    ...clientAuthenticationMetadata(issuer),
    jwks_uri: `${identifier}/jwks`,
    status_list_aggregation_endpoint: `${identifier}/status-lists`,
    ...revocationMetadata(issuer),
    grant_types_supported: [
      ...(bySignIn ? ['authorization_code'] : []),
      ...(byCode ? [preAuthorizedCodeGrant] : []),
      ...(givesRefreshTokens(issuer) ? ['refresh_token'] : []),
    ],
    ...(byCode && { 'pre-authorized_grant_anonymous_access_supported': settings.anonymous_wallets }),
    authorization_details_types_supported: ['openid_credential'],
    ...(settings.dpop !== 'off' && { dpop_signing_alg_values_supported: dpopAlgorithms }),
  }
}

import { claimsMetadata } from '../claims/plan.ts'
import { formats } from '../formats/index.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import { preAuthorizedCodeGrant } from '../protocol/token.ts'
import type { Services } from '../services.ts'
import { clientAuthenticationMetadata } from './describe-client-authentication.ts'
import { encryptionMetadata } from './message-encryption.ts'
import { proofAlgorithms } from './verify-key-proofs.ts'
import { dpopAlgorithms } from './verify-sender.ts'
import { mustPush } from './wallets.ts'

/** Credential Issuer Metadata, OpenID4VCI §12.2.4, from the stored identifier. */
export async function issuerMetadata(
  services: Pick<Services, 'clock' | 'vault'>,
  issuer: LiveIssuer,
): Promise<Record<string, unknown>> {
  const { identifier, settings } = issuer
  const display = settings.display ?? issuer.tenant.settings.display
  return {
    credential_issuer: identifier,
    credential_endpoint: `${identifier}/credential`,
    nonce_endpoint: `${identifier}/nonce`,
    ...(await encryptionMetadata(services, issuer)),
    ...(settings.batch_size > 1 && { batch_credential_issuance: { batch_size: settings.batch_size } }),
    ...(display && {
      display: display.map(({ name, locale, logo }) => ({ name, ...(locale && { locale }), ...(logo && { logo }) })),
    }),
    credential_configurations_supported: Object.fromEntries(
      [...issuer.configurations.values()].map((configuration) => [configuration.id, describe(configuration)]),
    ),
  }
}

function describe(configuration: LiveConfiguration): Record<string, unknown> {
  const format = formats.get(configuration.format)!
  return {
    format: format.id,
    scope: configuration.scope,
    ...format.metadata(configuration),
    cryptographic_binding_methods_supported: format.bindingMethods,
    credential_signing_alg_values_supported: format.algorithms(configuration.signing_algorithm),
    proof_types_supported: { jwt: { proof_signing_alg_values_supported: proofAlgorithms } },
    credential_metadata: {
      ...(configuration.display && { display: configuration.display }),
      claims: claimsMetadata(configuration),
    },
  }
}

/** Authorization Server Metadata, RFC 8414 §2 and OpenID4VCI §12.3: what is listed is what is served. */
export function authorizationServerMetadata(issuer: LiveIssuer): Record<string, unknown> {
  const { identifier, settings } = issuer
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
    grant_types_supported: [...(bySignIn ? ['authorization_code'] : []), ...(byCode ? [preAuthorizedCodeGrant] : [])],
    ...(byCode && { 'pre-authorized_grant_anonymous_access_supported': settings.anonymous_wallets }),
    authorization_details_types_supported: ['openid_credential'],
    ...(settings.dpop !== 'off' && { dpop_signing_alg_values_supported: dpopAlgorithms }),
  }
}

/** Type Metadata of an SD-JWT VC, served at its `vct` (SD-JWT VC §6.2): what is published binds the issuer. */
export function typeMetadata(configuration: LiveConfiguration): Record<string, unknown> {
  const { vct, display, claims } = configuration
  const first = display?.[0]
  const rules = Object.values(claims)
  return {
    vct,
    name: first?.name ?? configuration.id,
    ...(first?.description && { description: first.description }),
    ...(display && {
      display: display.map(({ name, locale = 'en', description }) => ({
        locale,
        name,
        ...(description && { description }),
      })),
    }),
    claims: claimsMetadata(configuration).map(({ path, display: names, mandatory }, at) => ({
      path,
      sd: rules[at]?.disclosed === 'always' ? 'never' : 'always',
      ...(mandatory && { mandatory }),
      ...(names && { display: names.map(({ name, locale = 'en' }) => ({ locale, label: name })) }),
    })),
  }
}

import type { LiveIssuer } from '../model/live.ts'
import { clientAlgorithms } from './verify-client.ts'

/** How clients authenticate, RFC 8414 §2 and attestation-based client authentication §10: as the issuer and its wallets want it. */
export function clientAuthenticationMetadata({ identifier, tenant, settings }: LiveIssuer): Record<string, unknown> {
  const { wallets, wallet_attestation: attestation, dpop } = settings
  const registered = [...tenant.walletProfiles].some(
    ([id, { jwks }]) => jwks && (wallets === 'any' || wallets.includes(id)),
  )
  return {
    token_endpoint_auth_methods_supported: [
      ...(attestation === 'required' ? [] : ['none']),
      ...(registered ? ['private_key_jwt'] : []),
      ...(attestation === 'off' ? [] : ['attest_jwt_client_auth']),
      ...(attestation === 'off' || dpop === 'off' ? [] : ['attest_jwt_client_auth_dpop']),
    ],
    ...(registered && { token_endpoint_auth_signing_alg_values_supported: clientAlgorithms }),
    ...(attestation !== 'off' && {
      client_attestation_signing_alg_values_supported: clientAlgorithms,
      client_attestation_pop_signing_alg_values_supported: clientAlgorithms,
      challenge_endpoint: `${identifier}/challenge`,
    }),
  }
}

/** Token revocation, RFC 8414 §2: clients authenticate as at the token endpoint. */
export function revocationMetadata(issuer: LiveIssuer): Record<string, unknown> {
  const {
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
  } = clientAuthenticationMetadata(issuer)
  return {
    revocation_endpoint: `${issuer.identifier}/revoke`,
    revocation_endpoint_auth_methods_supported: methods,
    ...(algorithms !== undefined && { revocation_endpoint_auth_signing_alg_values_supported: algorithms }),
  }
}

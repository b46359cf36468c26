import { z } from 'zod'

// The issuer's messages as a wallet reads them. They are not the schemas the issuer writes them with, on purpose:
// a wallet that shared those could not notice when they are wrong.

const endpoint = z.url({ protocol: /^https?$/ })
const text = z.string().optional()
const displays = z
  .array(z.looseObject({ name: text, locale: text, background_color: text, text_color: text }))
  .optional()

export const preAuthorizedCode = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'

/** OpenID4VCI §4.1.1. */
export const Offer = z.looseObject({
  credential_issuer: endpoint,
  credential_configuration_ids: z.array(z.string()).min(1),
  grants: z
    .looseObject({
      authorization_code: z
        .looseObject({ issuer_state: z.string().optional(), authorization_server: z.string().optional() })
        .optional(),
      [preAuthorizedCode]: z
        .looseObject({
          'pre-authorized_code': z.string().min(1),
          tx_code: z
            .looseObject({
              input_mode: z.enum(['numeric', 'text']).default('numeric'),
              length: z.int().positive().optional(),
              description: z.string().max(300).optional(),
            })
            .optional(),
          authorization_server: z.string().optional(),
        })
        .optional(),
    })
    .default({}),
})
export type Offer = z.infer<typeof Offer>

const Configuration = z.looseObject({
  format: z.string(),
  scope: z.string().optional(),
  vct: z.string().optional(),
  doctype: z.string().optional(),
  credential_definition: z.looseObject({ type: z.array(z.string()) }).optional(),
  cryptographic_binding_methods_supported: z.array(z.string()).min(1).optional(),
  proof_types_supported: z.record(z.string(), z.unknown()).optional(),
  credential_metadata: z
    .looseObject({
      display: displays,
      claims: z.array(z.looseObject({ path: z.array(z.unknown()).min(1), display: displays })).optional(),
    })
    .optional(),
})

/** OpenID4VCI §12.2.4. */
export const IssuerMetadata = z.looseObject({
  credential_issuer: endpoint,
  authorization_servers: z.array(endpoint).min(1).optional(),
  credential_endpoint: endpoint,
  nonce_endpoint: endpoint.optional(),
  deferred_credential_endpoint: endpoint.optional(),
  notification_endpoint: endpoint.optional(),
  credential_request_encryption: z
    .looseObject({ jwks: z.looseObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }) })
    .optional(),
  batch_credential_issuance: z.looseObject({ batch_size: z.int().min(2) }).optional(),
  display: displays,
  credential_configurations_supported: z.record(z.string(), Configuration),
})
export type IssuerMetadata = z.infer<typeof IssuerMetadata>

/** RFC 8414 §2 with RFC 9126, RFC 9207, RFC 9449 and OpenID4VCI §12.3. */
export const AuthorizationServerMetadata = z.looseObject({
  issuer: endpoint,
  authorization_endpoint: endpoint.optional(),
  token_endpoint: endpoint,
  pushed_authorization_request_endpoint: endpoint.optional(),
  revocation_endpoint: endpoint.optional(),
  require_pushed_authorization_requests: z.boolean().default(false),
  authorization_response_iss_parameter_supported: z.boolean().default(false),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  dpop_signing_alg_values_supported: z.array(z.string()).optional(),
  'pre-authorized_grant_anonymous_access_supported': z.boolean().default(false),
})
export type AuthorizationServerMetadata = z.infer<typeof AuthorizationServerMetadata>

/** RFC 6749 §5.1 and OpenID4VCI §6.2. */
export const TokenResponse = z.looseObject({
  access_token: z.string().min(1),
  token_type: z.string().regex(/^(bearer|dpop)$/i),
  authorization_details: z
    .array(
      z.looseObject({
        credential_configuration_id: z.string().optional(),
        credential_identifiers: z.array(z.string()).min(1).optional(),
      }),
    )
    .optional(),
})
export type TokenResponse = z.infer<typeof TokenResponse>

/** RFC 9126 §2.2. */
export const PushedResponse = z.looseObject({ request_uri: z.string().min(1), expires_in: z.number().positive() })

/** OpenID4VCI §7.2. */
export const NonceResponse = z.looseObject({ c_nonce: z.string().min(1) })

/** OpenID4VCI §8.3, immediate. */
export const CredentialResponse = z.looseObject({
  credentials: z.array(z.looseObject({ credential: z.union([z.string(), z.record(z.string(), z.unknown())]) })).min(1),
  notification_id: z.string().optional(),
})

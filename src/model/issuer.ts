import { z } from 'zod'
import { ApiClient, haveOwnKeys, WalletProfile } from './clients.ts'
import { CredentialConfiguration } from './credential-configuration.ts'
import { IdentityProviderLink } from './identity-provider.ts'
import { Colour, ConfigurationId, Duration, Id, Image, Locale, Name, perLocale } from './names.ts'

export const Display = perLocale(
  z.strictObject({
    name: z.string().min(1).max(100),
    locale: Locale.optional(),
    logo: Image.optional(),
    logo_dark: Image.optional(),
  }),
)

/** The PIN of an offer, as the wallet is told of it (OpenID4VCI §4.1.1). */
export const TxCode = z.strictObject({
  input_mode: z.enum(['numeric', 'text']).default('numeric'),
  length: z.int().min(4).max(32).default(6),
  description: z.string().max(300).optional(),
})
export type TxCode = z.infer<typeof TxCode>

const AuthorizationCodeGrant = z.strictObject({
  identity_providers: z.array(z.union([z.string().transform((id) => ({ id })), IdentityProviderLink])).min(1),
})
const PreAuthorizedCodeGrant = z.strictObject({ tx_code: TxCode.optional(), expires_in: Duration.default('PT1H') })

/** An issuer: one Credential Issuer of OpenID4VCI with its display, flows and policies. */
export const Issuer = z.strictObject({
  display: Display.optional(),
  grants: z
    .strictObject({
      authorization_code: AuthorizationCodeGrant.optional(),
      pre_authorized_code: PreAuthorizedCodeGrant.optional(),
    })
    .refine((grants) => grants.authorization_code ?? grants.pre_authorized_code, 'An issuer needs at least one grant.'),
  /** Which wallets may come: the ids of wallet profiles, or `any` (demo only). */
  wallets: z.union([z.literal('any'), z.array(z.string())]).default([]),
  /** A pre-authorized code without `client_id` is served (OpenID4VCI §12.3). */
  anonymous_wallets: z.boolean().default(true),
  dpop: z.enum(['off', 'optional', 'required']).default('optional'),
  pushed_authorization_requests: z.enum(['optional', 'required']).default('optional'),
  /** `unless_trusted`: no consent page for wallets with a claimed https redirect URI. */
  consent: z.enum(['always', 'unless_trusted']).default('always'),
  /** The most keys of one credential request. */
  batch_size: z.int().min(1).max(100).default(10),
  /** The most copies of one credential that its grant may fetch. */
  copies: z.int().min(1).max(10_000).default(100),
  tx_code_tries: z.int().min(1).max(20).default(5),
  credential_configurations: z.record(ConfigurationId, CredentialConfiguration),
})
export type IssuerSettings = z.infer<typeof Issuer>

/** A tenant without what lies below it. */
export const Tenant = z.strictObject({
  display: Display.optional(),
  accent: Colour.default('#1d5c4d'),
  time_zone: z
    .string()
    .refine(
      (zone) => Intl.supportedValuesOf('timeZone').concat('UTC').includes(zone),
      'Not a time zone of the IANA database.',
    )
    .default('UTC'),
  help: z
    .strictObject({
      name: z.record(Locale, z.string()).optional(),
      email: z.email().optional(),
      uri: z.url().optional(),
    })
    .optional(),
  privacy_uri: z.url().optional(),
  imprint_uri: z.url().optional(),
})
export type TenantSettings = z.infer<typeof Tenant>

/** The tenant file (`claimgate apply -f`): a tenant with everything below it. */
export const TenantFile = Tenant.extend({
  tenant: Name,
  identity_providers: z.record(Id, z.looseObject({ kind: z.string() })).default({}),
  wallet_profiles: z.record(Id, WalletProfile).default({}),
  api_clients: z.record(Id, ApiClient).refine(haveOwnKeys, 'Two API clients have the same key_hash.').default({}),
  issuers: z.record(Name, Issuer).default({}),
})
export type TenantFile = z.infer<typeof TenantFile>
/** As it was written, and as it is stored: a default is filled in when it is read, so that a file that names none gets a later version's. */
export type WrittenTenantFile = z.input<typeof TenantFile>

import { z } from 'zod'
import { CredentialConfiguration } from './credential-configuration.ts'
import { IdentityProviderLink, RenewalSource } from './identity-provider.ts'
import { ConfigurationId, Duration, Id, Image, Locale, perLocale } from './names.ts'

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
  /** What our own authorization server grants; nothing where all tokens come from other ones. */
  grants: z
    .strictObject({
      authorization_code: AuthorizationCodeGrant.optional(),
      pre_authorized_code: PreAuthorizedCodeGrant.optional(),
    })
    .default({}),
  /** Authorization servers of others whose access tokens are taken. */
  authorization_servers: z.array(Id).min(1).optional(),
  /** Which wallets may come: the ids of wallet profiles, or `any` (demo only). */
  wallets: z.union([z.literal('any'), z.array(z.string())]).default([]),
  /** A pre-authorized code without `client_id` is served (OpenID4VCI §12.3). */
  anonymous_wallets: z.boolean().default(true),
  dpop: z.enum(['off', 'optional', 'required']).default('optional'),
  /** Wallet attestation as client authentication (OpenID4VCI Appendix E). */
  wallet_attestation: z.enum(['off', 'optional', 'required']).default('off'),
  /** The attesters that count here; default: every one of the tenant. */
  attesters: z.array(Id).optional(),
  /** Of credential requests and responses, both or neither (OpenID4VCI §10). */
  encryption: z.enum(['off', 'optional', 'required']).default('optional'),
  /** Refresh tokens for wallets that are bound to a key. */
  refresh_tokens: z
    .strictObject({
      /** Their absolute age. */
      expires_in: Duration.default('P90D'),
      /** Where the claims of a renewal come from; default: what the provider says then. */
      claims: RenewalSource.default('upstream'),
      /** What becomes of a credential whose account was switched off or deleted, when its wallet renews. */
      on_account_ended: z.enum(['deny', 'suspend', 'reissue']).default('deny'),
    })
    .optional(),
  /** How long a deferred credential waits for a decision, and after how many seconds a wallet asks again. */
  deferred: z
    .strictObject({ interval: z.int().min(1).max(86_400).default(60), expires_in: Duration.default('P30D') })
    .default({ interval: 60, expires_in: 'P30D' }),
  /** What becomes of the copies of before when a grant fetches its credential again with a refreshed token. */
  reissued_copies: z.enum(['keep', 'revoke']).default('keep'),
  /** The High Assurance Interoperability Profile 1.0: sets all that it wants at once. */
  haip: z.boolean().default(false),
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

/** Whether an issuer grants anything itself, by an authorization server of its own. */
export const hasOwnGrants = ({ grants }: Pick<IssuerSettings, 'grants'>): boolean =>
  grants.authorization_code !== undefined || grants.pre_authorized_code !== undefined

/** What holds for an issuer: `haip` switches on all that HAIP 1.0 §4 wants of it, whatever else is written. */
export const effective = <T extends Omit<IssuerSettings, 'credential_configurations'>>(settings: T): T =>
  settings.haip
    ? {
        ...settings,
        pushed_authorization_requests: 'required',
        wallet_attestation: 'required',
        dpop: 'required',
        anonymous_wallets: false,
        encryption: settings.encryption === 'off' ? 'optional' : settings.encryption,
      }
    : settings

import { z } from 'zod'
import { isObject } from '../lib/json.ts'
import { AuthorizationServer } from './authorization-server.ts'
import { ClaimSource } from './claim-source.ts'
import { ApiClient, Attester, haveOwnKeys, WalletProfile } from './clients.ts'
import { Display, Issuer } from './issuer.ts'
import { Colour, Id, Locale, Name } from './names.ts'

/** A tenant without what lies below it. */
export const Tenant = z.strictObject({
  display: Display.optional(),
  /** ISO 3166-1 alpha-2; it stands in the certificates of the tenant's signers (ISO/IEC 18013-5 Annex B.1). */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'A country is two capital letters (ISO 3166-1 alpha-2), such as SE.')
    .optional(),
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

/** Whether wallets get tokens anywhere. Asked whatever else is wrong with an issuer, so that all mistakes are told at once. */
const hasTokens = (issuer: unknown): boolean => {
  if (!isObject(issuer) || issuer.authorization_servers !== undefined) return true
  return !isObject(issuer.grants) || Object.keys(issuer.grants).length > 0
}
const someTokens = {
  error: 'An issuer needs at least one grant, or authorization_servers that its tokens come from.',
  path: ['grants'],
  when: () => true,
}

/** The tenant file (`claimgate apply -f`): a tenant with everything below it. */
export const TenantFile = Tenant.extend({
  tenant: Name,
  identity_providers: z.record(Id, z.looseObject({ kind: z.string() })).default({}),
  authorization_servers: z.record(Id, AuthorizationServer).default({}),
  claim_sources: z.record(Id, ClaimSource).default({}),
  wallet_profiles: z.record(Id, WalletProfile).default({}),
  attesters: z.record(Id, Attester).default({}),
  api_clients: z.record(Id, ApiClient).refine(haveOwnKeys, 'Two API clients have the same key_hash.').default({}),
  issuers: z.record(Name, Issuer.refine(hasTokens, someTokens)).default({}),
})
export type TenantFile = z.infer<typeof TenantFile>
/** As it was written, and as it is stored: a default is filled in when it is read, so that a file that names none gets a later version's. */
export type WrittenTenantFile = z.input<typeof TenantFile>

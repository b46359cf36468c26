import { z } from 'zod'
import { Claims } from './claim-mapping.ts'
import { MappingTest } from './mapping-test.ts'
import { Colour, Duration, Id, Image, Locale, perLocale } from './names.ts'

export const CredentialDisplay = z.strictObject({
  name: z.string().min(1).max(100),
  locale: Locale.optional(),
  description: z.string().max(500).optional(),
  logo: Image.optional(),
  background_color: Colour.optional(),
  background_image: Image.omit({ alt_text: true }).optional(),
  text_color: Colour.optional(),
})

/** OpenID4VCI Appendix D.2 names four levels; ecosystems have their own. Empty: any key attestation will do. */
const KeyAttestations = z.strictObject({
  key_storage: z.array(z.string().min(1).max(200)).min(1).optional(),
  user_authentication: z.array(z.string().min(1).max(200)).min(1).optional(),
})

/** How a wallet shows its keys: OpenID4VCI Appendix F.1 (`jwt`) and F.3 (`attestation`). */
const ProofTypes = z
  .strictObject({
    jwt: z.strictObject({ key_attestations_required: KeyAttestations.optional() }).optional(),
    attestation: z.strictObject({ key_attestations_required: KeyAttestations.default({}) }).optional(),
  })
  .refine((types) => types.jwt ?? types.attestation, 'A bound credential needs a proof type: jwt or attestation.')

/** One entry of `credential_configurations_supported` (OpenID4VCI §12.2.4) with the rules that fill it. */
export const CredentialConfiguration = z.strictObject({
  format: z.enum(['dc+sd-jwt', 'mso_mdoc', 'jwt_vc_json']),
  /** `dc+sd-jwt`. Default: `{issuer}/types/{configuration}`. */
  vct: z.url().optional(),
  /** `mso_mdoc`, where it is mandatory: `org.iso.18013.5.1.mDL`. */
  doctype: z.string().min(1).max(300).optional(),
  /** `mso_mdoc`: where the claims go whose key names no namespace, so that formats can share their claims. */
  namespace: z
    .string()
    .regex(/^[^/]{1,300}$/, 'A namespace has no slash.')
    .optional(),
  /** `jwt_vc_json`. Default: `VerifiableCredential` and the configuration's id. */
  types: z.array(z.string().min(1).max(200)).min(1).max(10).optional(),
  /** Default: the configuration's id. */
  scope: z
    .string()
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'A scope is one word without quotes or backslashes.')
    .optional(),
  valid_for: Duration.default('P90D'),
  signing_algorithm: z.enum(['ES256', 'ES384', 'EdDSA']).default('ES256'),
  /** The tenant's key of this name, one for each algorithm. */
  signing_key: Id.default('default'),
  /** Whether copies are bound to keys of the wallet. */
  key_binding: z.boolean().default(true),
  proof_types: ProofTypes.default({ jwt: {} }),
  /** The most copies of one answer; default: the issuer's. */
  batch_size: z.int().min(1).max(100).optional(),
  /** `manual`: an administrator approves each, and the wallet waits (OpenID4VCI §9). */
  approval: z.enum(['automatic', 'manual']).default('automatic'),
  /** Whether copies can be suspended and revoked: a status list has an entry for each. */
  status: z.boolean().default(true),
  /** `dc+sd-jwt`: credentials hold the hash of their type metadata. Whoever then changes a name in it breaks those that are out. */
  type_integrity: z.boolean().default(false),
  /** `dc+sd-jwt`: how many digests of nothing go among the real ones (RFC 9901 §4.2.5). */
  decoys: z.int().min(0).max(100).default(0),
  display: perLocale(CredentialDisplay).optional(),
  claims: Claims,
  /** Only these identity providers may serve it; default: every one of the issuer. */
  identity_providers: z.array(z.string()).min(1).optional(),
  tests: z.array(MappingTest).max(500).optional(),
})
export type CredentialConfiguration = z.infer<typeof CredentialConfiguration>

import { z } from 'zod'
import { Claims } from './claim-mapping.ts'
import { Colour, Duration, Image, Locale, perLocale } from './names.ts'

export const CredentialDisplay = z.strictObject({
  name: z.string().min(1).max(100),
  locale: Locale.optional(),
  description: z.string().max(500).optional(),
  logo: Image.optional(),
  background_color: Colour.optional(),
  background_image: Image.omit({ alt_text: true }).optional(),
  text_color: Colour.optional(),
})

/** One entry of `credential_configurations_supported` (OpenID4VCI §12.2.4) with the rules that fill it. */
export const CredentialConfiguration = z.strictObject({
  format: z.enum(['dc+sd-jwt']),
  /** Default: `{issuer}/types/{configuration}`. */
  vct: z.url().optional(),
  /** Default: the configuration's id. */
  scope: z
    .string()
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'A scope is one word without quotes or backslashes.')
    .optional(),
  valid_for: Duration.default('P90D'),
  display: perLocale(CredentialDisplay).optional(),
  claims: Claims,
  /** Only these identity providers may serve it; default: every one of the issuer. */
  identity_providers: z.array(z.string()).min(1).optional(),
  tests: z
    .array(z.strictObject({ given: z.record(z.string(), z.unknown()), expect: z.record(z.string(), z.unknown()) }))
    .optional(),
})
export type CredentialConfiguration = z.infer<typeof CredentialConfiguration>

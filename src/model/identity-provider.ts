import { z } from 'zod'
import { Image, Locale, perLocale } from './names.ts'

/** An identity provider of a tenant. What its `kind` needs beside this is checked by the connector's own `settings` schema. */
export const IdentityProvider = z.looseObject({
  kind: z.string().min(1),
  display: perLocale(
    z.strictObject({ name: z.string().min(1).max(100), locale: Locale.optional(), logo: Image.optional() }),
  ).optional(),
  disabled: z.boolean().default(false),
  /** E-mail domains whose people sign in here. */
  domains: z.array(z.string().regex(/^[a-z0-9.-]+$/)).optional(),
})
export type IdentityProvider = z.infer<typeof IdentityProvider>

/** What an issuer says about a provider it lets sign people in. */
export const IdentityProviderLink = z.strictObject({
  id: z.string(),
  scope: z.string().optional(),
  acr_values: z.array(z.string()).min(1).optional(),
  parameters: z.record(z.string(), z.string()).optional(),
  max_age: z.int().min(0).optional(),
})
export type IdentityProviderLink = z.infer<typeof IdentityProviderLink>

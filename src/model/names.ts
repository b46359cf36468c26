import { z } from 'zod'
import { durationSeconds } from '../lib/time.ts'

const fixedPaths = [
  'api',
  'authorize',
  'callback',
  'console',
  'consent',
  'credential',
  'deferred-credential',
  'healthz',
  'jwks',
  'metrics',
  'nonce',
  'notification',
  'offer',
  'offers',
  'par',
  'readyz',
  'revoke',
  'start',
  'static',
  'status-lists',
  'test-sign-in',
  'token',
  'types',
]

/** The id of what a tenant names itself: an identity provider, a wallet profile, an API client. */
export const Id = z.string().regex(/^[a-z0-9-]{1,63}$/, 'A name is 1 to 63 small letters, digits and hyphens.')

/** The name of a tenant or an issuer: it stands in URLs. */
export const Name = Id.refine(
  (name) => !fixedPaths.includes(name),
  'This name is a fixed path of the service; choose another one.',
)

/** The id of a credential configuration. */
export const ConfigurationId = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,100}$/, 'An id is 1 to 100 letters, digits, dots, underscores and hyphens.')

/** An ISO 8601 duration (`P90D`, `PT15M`); read it with `durationSeconds`. */
export const Duration = z
  .string()
  .refine((text) => (durationSeconds(text) ?? 0) > 0, 'A duration is written as in ISO 8601, such as P90D or PT15M.')

export const Colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'A colour is written as #rrggbb.')

export const Locale = z
  .string()
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'A locale is a BCP 47 tag, such as en or de-AT.')

/** Some wallets refuse the whole metadata for a `data:image/svg+xml`, and few of the others can draw one. */
export const Image = z.strictObject({
  uri: z
    .string()
    .regex(
      /^(https:|data:image\/(png|jpeg|gif|webp);base64,)/,
      'An image is an https URI, or a data URI of a PNG, JPEG, GIF or WebP in base64.',
    ),
  alt_text: z.string().max(200).optional(),
})

/** One object per locale (VCI-15). */
export function perLocale<T extends z.ZodType<{ locale?: string | undefined }>>(entry: T) {
  return z
    .array(entry)
    .min(1)
    .refine((list) => new Set(list.map(({ locale }) => locale)).size === list.length, 'At most one entry per locale.')
}

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
  /** Whether an e-mail address from here tells who somebody is: where the claim `email_verified` says so (Entra ID: `xms_edov`), or by policy. */
  email_verified: z.enum(['claim', 'always', 'never']).default('claim'),
})
export type IdentityProvider = z.infer<typeof IdentityProvider>

/** What the flow itself says (RFC 6749, RFC 7636, RFC 9101, OIDC Core §3.1.2.1): no rule may say it otherwise. */
const ofTheFlow = new Set([
  ...['client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'response_type', 'response_mode'],
  ...['redirect_uri', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method', 'dpop_jkt'],
  ...['request', 'request_uri', 'registration', 'id_token_hint'],
])

const parameterPath = z
  .string()
  .regex(
    /^(offer(\.[A-Za-z0-9_-]+){1,5}|request\.[A-Za-z0-9_-]+)$/,
    'A path begins with offer or request, such as offer.email or request.prompt.',
  )
/** A parameter of the sign-in: as it is written, or the first of several paths that is not empty. */
const ParameterRule = z.union([
  z.string().max(1000),
  z.strictObject({ from: z.union([parameterPath, z.array(parameterPath).min(1).max(5)]) }),
])
export type ParameterRule = z.infer<typeof ParameterRule>

const Parameters = z
  .record(z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/, 'This is no name of a parameter.'), ParameterRule)
  .superRefine((rules, context) => {
    const wrong = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message })
    for (const [name, rule] of Object.entries(rules)) {
      if (ofTheFlow.has(name)) wrong(name, `The sign-in sets ${name} by itself.`)
      if (name === 'prompt' && typeof rule === 'string' && rule.split(' ').includes('none'))
        wrong(name, 'A person has to be able to sign in, so that prompt is never none.')
      if (name === 'max_age' && typeof rule === 'string' && !/^\d{1,9}$/.test(rule))
        wrong(name, 'max_age is a number of seconds.')
    }
  })

/**
 * Where the claims of a renewal come from: what the provider says by its refresh token (OIDC Core §12), what its directory says of the
 * account, or what the sign-in gave, kept for as long as refresh tokens live.
 */
export const RenewalSource = z.enum(['upstream', 'directory', 'kept'])
export type RenewalSource = z.infer<typeof RenewalSource>

/** What an issuer says about a provider it lets sign people in. */
export const IdentityProviderLink = z.strictObject({
  id: z.string(),
  scope: z.string().optional(),
  /** Asked for, and one of them has to come back as `acr` (OIDC Core §3.1.2.1). */
  acr_values: z.array(z.string().min(1).max(200)).min(1).optional(),
  /** One of these methods has to be in `amr` (RFC 8176); there is no way to ask for it. */
  amr_values: z.array(z.string().min(1).max(200)).min(1).optional(),
  /** Further parameters of the authorization request, by rule. */
  parameters: Parameters.optional(),
  /** The sign-in is at most so many seconds old. */
  max_age: z.int().min(0).optional(),
  /** Default: as the issuer's `refresh_tokens` say. */
  renewal_claims: RenewalSource.optional(),
})
export type IdentityProviderLink = z.infer<typeof IdentityProviderLink>

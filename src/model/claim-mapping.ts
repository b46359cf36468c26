import { z } from 'zod'
import { meantSetting } from '../protocol/mistakes.ts'
import { constant, Steps } from './mapping-steps.ts'
import { Locale, perLocale } from './names.ts'

export const ClaimType = z.enum([
  'string',
  'integer',
  'number',
  'boolean',
  'date',
  'full-date',
  'tdate',
  'bytes',
  'object',
  'list(string)',
  'list(integer)',
  'list(number)',
  'list(object)',
])
export type ClaimType = z.infer<typeof ClaimType>

const paths = z.union([z.string().min(1).max(500), z.array(z.string().min(1).max(500)).min(1).max(20)])

const source = {
  /** Paths into the sources, the first that is not empty wins: `id_token.given_name`. */
  from: paths.optional(),
  /** A CEL expression over the same variables. */
  cel: z.string().min(1).max(4096).optional(),
  const: constant.optional(),
}
const onlyOne = (rule: { from?: unknown; cel?: unknown; const?: unknown }) =>
  [rule.from, rule.cel, rule.const].filter((part) => part !== undefined).length === 1
const oneSource = 'A rule has exactly one of from, cel and const.'

const override = { ...source, ...Steps.shape }
const rule = {
  ...override,
  /** A CEL expression that says whether the person has this claim at all. */
  when: z.string().min(1).max(4096).optional(),
  /** What the claim is when the sources have nothing for it. */
  default: constant.optional(),
  path: z.array(z.string().min(1)).min(1).max(10).optional(),
  type: ClaimType.default('string'),
  mandatory: z.boolean().default(false),
  /** `always`: in the clear. `choice`: a disclosure of its own, which the holder may withhold. `elements`: each element of a list is one. */
  disclosed: z.enum(['always', 'choice', 'elements']).default('choice'),
  display: perLocale(z.strictObject({ name: z.string().min(1).max(100), locale: Locale.optional() })).optional(),
  /** What is read instead for the people of one identity provider. Its steps, if it has any, replace those of the rule. */
  by_provider: z
    .record(
      z.string(),
      z.strictObject(override, { error: meantSetting(Object.keys(override)) }).refine(onlyOne, oneSource),
    )
    .optional(),
}

/** Where one claim comes from, whether it must be there, whether the holder may withhold it, and how it is shown. */
export const ClaimRule = z.strictObject(rule, { error: meantSetting(Object.keys(rule)) }).refine(onlyOne, oneSource)
export type ClaimRule = z.infer<typeof ClaimRule>

/** The claims of a credential: the key is the claim's path with dots, unless the rule has `path`. */
export const Claims = z.record(z.string().min(1).max(500), ClaimRule)
export type Claims = z.infer<typeof Claims>

/** What decides how a key is read. */
type Keyed = { format?: string; namespace?: string | undefined }

/**
 * The path of a claim. In an mdoc the key is `{namespace}/{element}`, for namespaces have dots; where the configuration names the namespace,
 * the key is the element.
 */
export function pathOf(key: string, rule: Pick<ClaimRule, 'path'>, { format, namespace }: Keyed): string[] {
  if (rule.path) return rule.path
  if (format !== 'mso_mdoc') return key.split('.')
  return namespace === undefined || key.includes('/') ? key.split('/') : [namespace, key]
}

/** What the rules may read: each variable is JSON from its source, or absent. */
export type Sources = {
  id_token?: Record<string, unknown>
  userinfo?: Record<string, unknown>
  /** The person in the provider's directory. */
  user?: Record<string, unknown>
  offer?: Record<string, unknown>
  /** What the tenant's own data sources said, by their names. */
  source?: Record<string, Record<string, unknown>>
  session: { identity_provider?: string; acr?: string; amr?: string[]; auth_time?: number }
}

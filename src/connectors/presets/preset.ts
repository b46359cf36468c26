import { z } from 'zod'

/** A sentence in Markdown. `unchecked`: from experience, and not read on a page of the vendor. */
const Said = z.union([z.string().min(1), z.strictObject({ unchecked: z.string().min(1) })])
export type Said = z.infer<typeof Said>

/** What is known of an identity provider's product, for guides and consoles: the vendor's own words in the order in which they come. */
export const Preset = z.strictObject({
  name: z.string().min(1),
  /** The connector that serves it. */
  kind: z.string().min(1),
  /** The setting that holds the provider's address, and how it looks; what stands in `{…}` is the reader's own. */
  address: z.strictObject({ setting: z.string().min(1), pattern: z.string().min(1), watch: Said.optional() }),
  /** A whole example of the connector's settings. */
  settings: z.record(z.string(), z.json()),
  /** What to do in the vendor's console; `{redirect_uri}` stands where ours is entered. */
  steps: z.array(Said).min(1),
  /** Whether the provider vouches for e-mail addresses, and how groups and an employee id get to us. */
  email: Said,
  groups: Said,
  employeeId: Said,
  /** Claim rules to begin with; their `tests` are those of a credential configuration. */
  claims: z.record(z.string(), z.record(z.string(), z.json())),
  tests: z.array(z.strictObject({ given: z.record(z.string(), z.json()), expect: z.record(z.string(), z.json()) })),
  /** What has gone wrong for others. */
  traps: z.array(Said),
  /** The pages that the words are from, with the date that each carries, if it does. */
  sources: z.array(z.strictObject({ title: z.string().min(1), date: z.string().optional() })),
})
export type Preset = z.infer<typeof Preset>

/** The claims that most providers give under their standard names (OIDC Core §5.1), from one of the two places. */
export const standardClaims = (root: 'id_token' | 'userinfo'): Preset['claims'] =>
  Object.fromEntries(['given_name', 'family_name', 'email'].map((name) => [name, { from: `${root}.${name}` }]))

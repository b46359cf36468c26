import { didYouMean } from '../lib/nearest.ts'
import { type ClaimRule, pathOf } from '../model/claim-mapping.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import type { Mistake } from '../protocol/errors.ts'
import { notInFile, pointerTo } from '../protocol/mistakes.ts'
import type { ClaimPlan, Way } from './evaluate.ts'
import { type Read, readsOfSource } from './reads.ts'
import { checkPath, checkPlace, compileConditions, compileWay, type Report } from './rule.ts'

export type PlanOptions = {
  /** The top-level claims that only the issuer may set, of the configuration's format. */
  reservedClaims: readonly string[]
  /** The identity providers that `by_provider` may name; any if left out. */
  identityProviders?: readonly string[]
  /** The claim sources that rules may read; any if left out. */
  claimSources?: readonly string[]
  /** The tenant's: days and hours are those of its walls. */
  timeZone?: string
}

/** What is wrong with a rule's claim sources: each has to be named, so that it is known which ones to ask. */
function sourceMistake(reads: readonly Read[], known: readonly string[] | undefined): string | undefined {
  for (const { root, steps } of reads) {
    if (root !== 'source') continue
    const [name] = steps
    if (name === undefined) return 'A rule says which claim source it reads, such as source.hr.employee_id.'
    if (known && !known.includes(name)) return notInFile('claim source', name, known)
  }
  return undefined
}

/**
 * Compiles the claim rules of a credential configuration, or answers every mistake in them. A mistake's pointer begins at
 * the configuration (`/claims/roles/cel`); its `column`, if there is one, counts inside the path or the expression.
 */
export function compilePlan(
  configuration: CredentialConfiguration,
  { reservedClaims, identityProviders, claimSources, timeZone = 'UTC' }: PlanOptions,
): { plan: ClaimPlan } | { mistakes: Mistake[] } {
  const mistakes: Mistake[] = []
  const claims: ClaimPlan['claims'][number][] = []
  const compiled = (...[rule, type, zone, report, above]: Parameters<typeof compileWay>): Way => {
    const way = compileWay(rule, type, zone, report, above)
    const wrong = sourceMistake(readsOfSource(way.source), claimSources)
    if (wrong) report([rule.cel === undefined ? 'from' : 'cel'], { detail: wrong })
    return way
  }
  for (const [key, rule] of Object.entries(configuration.claims)) {
    const report: Report = (below, { detail, column }) =>
      mistakes.push({ pointer: pointerTo(['claims', key, ...below]), detail, ...(column !== undefined && { column }) })
    const path = pathOf(key, rule, configuration)
    const wrong =
      checkPath(path, reservedClaims) ??
      checkPlace(
        path,
        claims.map((claim) => claim.path),
      )
    if (wrong) report(rule.path ? ['path'] : [], { detail: wrong })

    const byProvider = new Map<string, Way>()
    for (const [id, override] of Object.entries(rule.by_provider ?? {})) {
      const inside: Report = (below, fault) => report(['by_provider', id, ...below], fault)
      if (identityProviders && !identityProviders.includes(id)) {
        inside([], { detail: `The issuer does not let ${id} sign people in.${didYouMean(id, identityProviders)}` })
      }
      byProvider.set(id, compiled(override, rule.type, timeZone, inside, rule))
    }
    const { type, mandatory } = rule
    const way = compiled(rule, type, timeZone, report)
    const conditions = compileConditions(rule, type, timeZone, report)
    const unasked = sourceMistake(conditions.when?.reads ?? [], claimSources)
    if (unasked) report(['when'], { detail: unasked })
    claims.push({ key, path, type, mandatory, ...way, ...conditions, byProvider })
  }
  return mistakes.length > 0 ? { mistakes } : { plan: { claims } }
}

type Keyed = Pick<CredentialConfiguration, 'claims' | 'format' | 'namespace'>

/** The paths of the claims that the holder may withhold, each a disclosure of its own. */
export const withheldPaths = (configuration: Keyed): (string | null)[][] =>
  Object.entries(configuration.claims).flatMap(([key, rule]) => {
    if (rule.disclosed === 'always') return []
    const path = pathOf(key, rule, configuration)
    return [rule.disclosed === 'elements' ? [...path, null] : path]
  })

/** An entry of the metadata's `claims` (OpenID4VCI Appendix B.2). */
export type ClaimsDescription = { path: string[]; mandatory?: true; display?: NonNullable<ClaimRule['display']> }

/** The claims of a credential as metadata describes them, OpenID4VCI Appendix B.2, in the order of the rules. */
export const claimsMetadata = (configuration: Keyed): ClaimsDescription[] =>
  Object.entries(configuration.claims).map(([key, rule]) => ({
    path: [
      ...(configuration.format === 'jwt_vc_json' ? ['credentialSubject'] : []),
      ...pathOf(key, rule, configuration),
    ],
    // The metadata promises what every credential has; a rule with a condition asks for it of some people only.
    ...(rule.mandatory && rule.when === undefined && { mandatory: true as const }),
    ...(rule.display && { display: rule.display }),
  }))

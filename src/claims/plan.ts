import { isDeepStrictEqual } from 'node:util'
import { type ClaimRule, pathOf, type Sources } from '../model/claim-mapping.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import type { Mistake } from '../protocol/errors.ts'
import { notInFile, pointerTo } from '../protocol/mistakes.ts'
import { type ClaimPlan, evaluatePlan, type Source } from './evaluate.ts'
import { readsOfSource } from './reads.ts'
import { checkPath, checkPlace, compileSource, type Report } from './rule.ts'
import { roots } from './short-form.ts'

export type PlanOptions = {
  /** The top-level claims that only the issuer may set, of the configuration's format. */
  reservedClaims: readonly string[]
  /** The identity providers that `by_provider` may name; any if left out. */
  identityProviders?: readonly string[]
  /** The claim sources that rules may read; any if left out. */
  claimSources?: readonly string[]
}

/** What is wrong with a rule's claim sources: each has to be named, so that it is known which ones to ask. */
function sourceMistake(source: Source, known: readonly string[] | undefined): string | undefined {
  for (const { root, steps } of readsOfSource(source)) {
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
  { reservedClaims, identityProviders, claimSources }: PlanOptions,
): { plan: ClaimPlan } | { mistakes: Mistake[] } {
  const mistakes: Mistake[] = []
  const claims: ClaimPlan['claims'][number][] = []
  const compiled = (...[rule, type, report]: Parameters<typeof compileSource>): Source => {
    const source = compileSource(rule, type, report)
    const wrong = sourceMistake(source, claimSources)
    if (wrong) report([rule.cel === undefined ? 'from' : 'cel'], { detail: wrong })
    return source
  }
  for (const [key, rule] of Object.entries(configuration.claims)) {
    const report: Report = (below, { detail, column }) =>
      mistakes.push({ pointer: pointerTo(['claims', key, ...below]), detail, ...(column !== undefined && { column }) })
    const path = pathOf(key, rule, configuration.format)
    const wrong =
      checkPath(path, reservedClaims) ??
      checkPlace(
        path,
        claims.map((claim) => claim.path),
      )
    if (wrong) report(rule.path ? ['path'] : [], { detail: wrong })

    const byProvider = new Map<string, Source>()
    for (const [id, override] of Object.entries(rule.by_provider ?? {})) {
      const inside: Report = (below, fault) => report(['by_provider', id, ...below], fault)
      if (identityProviders && !identityProviders.includes(id)) {
        inside([], { detail: `The issuer does not let ${id} sign people in.` })
      }
      byProvider.set(id, compiled(override, rule.type, inside))
    }
    const { type, mandatory } = rule
    claims.push({ key, path, type, mandatory, source: compiled(rule, type, report), byProvider })
  }
  return mistakes.length > 0 ? { mistakes } : { plan: { claims } }
}

/** The paths of the claims that the holder may withhold, each a disclosure of its own. */
export const withheldPaths = ({
  claims,
  format,
}: Pick<CredentialConfiguration, 'claims' | 'format'>): (string | null)[][] =>
  Object.entries(claims).flatMap(([key, rule]) => {
    if (rule.disclosed === 'always') return []
    const path = pathOf(key, rule, format)
    return [rule.disclosed === 'elements' ? [...path, null] : path]
  })

/** An entry of the metadata's `claims` (OpenID4VCI Appendix B.2). */
export type ClaimsDescription = { path: string[]; mandatory?: true; display?: NonNullable<ClaimRule['display']> }

/** The claims of a credential as metadata describes them, OpenID4VCI Appendix B.2, in the order of the rules. */
export const claimsMetadata = ({
  claims,
  format,
}: Pick<CredentialConfiguration, 'claims' | 'format'>): ClaimsDescription[] =>
  Object.entries(claims).map(([key, rule]) => ({
    path: [...(format === 'jwt_vc_json' ? ['credentialSubject'] : []), ...pathOf(key, rule, format)],
    ...(rule.mandatory && { mandatory: true as const }),
    ...(rule.display && { display: rule.display }),
  }))

const valueAt = (claims: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined,
    claims,
  )

/**
 * Runs a configuration's own `tests`: `given` are the sources, `expect` the claims by key, null for one that is left out.
 * Answers what did not come out as expected; claims that `expect` does not name may be anything.
 */
export function runTests(configuration: CredentialConfiguration, plan: ClaimPlan, now: Date): Mistake[] {
  return (configuration.tests ?? []).flatMap(({ given, expect }, index) => {
    const mistakes: Mistake[] = []
    const report = (path: string[], detail: string) =>
      mistakes.push({ pointer: pointerTo(['tests', index, ...path]), detail })
    for (const [name, source] of Object.entries(given)) {
      if (!(roots as readonly string[]).includes(name)) report(['given', name], `There is ${roots.join(', ')} to give.`)
      else if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        report(['given', name], 'This must be an object.')
      }
    }
    if (mistakes.length > 0) return mistakes
    const result = evaluatePlan(plan, { session: {}, ...given } as Sources, now)
    for (const [key, wanted] of Object.entries(expect)) {
      const claim = plan.claims.find((planned) => planned.key === key)
      const unusable = result.unusable.find((entry) => entry.claim === key)
      if (!claim) report(['expect', key], 'There is no such claim.')
      else if (unusable)
        report(
          ['expect', key],
          `The rule fails: it wants ${[unusable.expected, unusable.cause].filter(Boolean).join('; ')}.`,
        )
      else if (result.missing.includes(key) && wanted !== null)
        report(['expect', key], 'The sources have nothing for this mandatory claim.')
      else if (!isDeepStrictEqual(valueAt(result.claims, claim.path) ?? null, wanted)) {
        const got = JSON.stringify(valueAt(result.claims, claim.path) ?? null).slice(0, 200)
        report(['expect', key], `The rule gives ${got}.`)
      }
    }
    return mistakes
  })
}

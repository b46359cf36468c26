import type { ClaimType, Sources } from '../model/claim-mapping.ts'
import { type Expression, type Variables, variablesOf } from './expression.ts'
import { expected, fit, unfit } from './fit.ts'
import { isEmpty, readShortPath, type ShortPath } from './short-form.ts'

/** Where one claim comes from, compiled. */
export type Source =
  | { kind: 'from'; paths: readonly ShortPath[] }
  | { kind: 'cel'; expression: Expression }
  | { kind: 'const'; value: unknown }

/** One rule, compiled; `byProvider` holds what is read instead when that identity provider served the sign-in. */
export type PlannedClaim = {
  key: string
  path: readonly string[]
  type: ClaimType
  mandatory: boolean
  source: Source
  byProvider: ReadonlyMap<string, Source>
}
/** The rules of a credential configuration, checked and compiled once, evaluated for every issuance. */
export type ClaimPlan = { claims: readonly PlannedClaim[] }

/** A claim whose value cannot be used: what is wanted, and for the operator's log why; no value is in either. */
export type UnusableClaim = { claim: string; expected: string; cause?: string }

export type EvaluatedClaims = {
  /** The credential's claims, nested by path. */
  claims: Record<string, unknown>
  /** The keys of mandatory claims for which the sources have nothing. */
  missing: string[]
  unusable: UnusableClaim[]
  /** For every claim that is there: the path it was read from, `cel` or `const`. */
  origins: Record<string, string>
}

type Reading = { value: unknown; origin: string } | { cause: string }
const nothing: Reading = { value: undefined, origin: '' }

function read(source: Source, sources: Sources, variables: () => Variables): Reading {
  if (source.kind === 'const') return { value: source.value, origin: 'const' }
  if (source.kind === 'cel') {
    const outcome = source.expression.evaluate(variables())
    return 'cause' in outcome ? outcome : { value: outcome.value, origin: 'cel' }
  }
  for (const path of source.paths) {
    const value = readShortPath(path, sources)
    if (!isEmpty(value)) return { value, origin: path.text }
  }
  return nothing
}

/** Sets a value at a path. Only own members are entered; the plan has no path through `__proto__` or through a leaf. */
function place(claims: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let target = claims
  for (const name of path.slice(0, -1)) {
    if (!Object.hasOwn(target, name)) target[name] = {}
    target = target[name] as Record<string, unknown>
  }
  target[path.at(-1)!] = value
}

/**
 * Evaluates the rules of a credential for one person: what the sources hold becomes claims. Never throws, whatever the
 * sources hold. The credential may only be issued if `missing` and `unusable` are empty.
 */
export function evaluatePlan(plan: ClaimPlan, sources: Sources, now: Date): EvaluatedClaims {
  const result: EvaluatedClaims = { claims: {}, missing: [], unusable: [], origins: {} }
  const provider = sources.session.identity_provider
  let made: Variables | undefined
  const variables = () => {
    made ??= variablesOf(sources, now)
    return made
  }

  for (const { key, path, type, mandatory, source, byProvider } of plan.claims) {
    const chosen = provider === undefined ? undefined : byProvider.get(provider)
    const reading = read(chosen ?? source, sources, variables)
    if ('cause' in reading) {
      result.unusable.push({ claim: key, expected: expected(type), cause: reading.cause })
    } else if (isEmpty(reading.value)) {
      if (mandatory) result.missing.push(key)
    } else {
      const value = fit(reading.value, type)
      if (value === unfit) {
        result.unusable.push({ claim: key, expected: expected(type) })
      } else {
        place(result.claims, path, value)
        result.origins[key] = reading.origin
      }
    }
  }
  return result
}

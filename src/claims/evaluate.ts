import type { ClaimType, Sources } from '../model/claim-mapping.ts'
import { type Expression, type Variables, variablesOf } from './expression.ts'
import { expected } from './fit.ts'
import { countPatterns } from './patterns.ts'
import { isEmpty, readShortPath, type ShortPath } from './short-form.ts'
import { type Step, takeSteps } from './steps.ts'
import type { ClaimTrace } from './trace.ts'

/** Where one claim comes from, compiled. */
export type Source =
  | { kind: 'from'; paths: readonly ShortPath[] }
  | { kind: 'cel'; expression: Expression }
  | { kind: 'const'; value: unknown }
/** The way from the sources to a claim: what is read, and what becomes of it. */
export type Way = { source: Source; steps: readonly Step[] }

/** One rule, compiled; `byProvider` holds the way that is taken instead when that identity provider served the sign-in. */
export type PlannedClaim = Way & {
  key: string
  path: readonly string[]
  type: ClaimType
  mandatory: boolean
  byProvider: ReadonlyMap<string, Way>
  /** Whether the person has this claim at all. */
  when?: Expression
  /** What the claim is when the sources have nothing. */
  fallback?: unknown
}
/** The rules of a credential configuration, checked and compiled once, evaluated for every issuance. */
export type ClaimPlan = { claims: readonly PlannedClaim[] }

/** A claim whose value cannot be used: what is wanted, at which step, and for the operator's log why; no value is in any of them. */
export type UnusableClaim = { claim: string; expected: string; step?: string; cause?: string }

export type EvaluatedClaims = {
  /** The credential's claims, nested by path. */
  claims: Record<string, unknown>
  /** The keys of mandatory claims for which the sources have nothing. */
  missing: string[]
  unusable: UnusableClaim[]
  /** For every claim that is there: the path it was read from, `cel`, `const` or `default`. */
  origins: Record<string, string>
}

type Reading = { value: unknown; origin: string } | { cause: string }
type Outcome = { value: unknown; origin: string; applies: boolean } | Omit<UnusableClaim, 'claim'>
const nothing: Reading = { value: undefined, origin: '' }

function read(source: Source, sources: Sources, variables: () => Variables, trace?: ClaimTrace): Reading {
  if (source.kind === 'const') return { value: source.value, origin: 'const' }
  if (source.kind === 'cel') {
    const outcome = source.expression.evaluate(variables())
    return 'cause' in outcome ? outcome : { value: outcome.value, origin: 'cel' }
  }
  for (const path of source.paths) {
    const value = readShortPath(path, sources)
    trace?.tried.push({ path: path.text, found: isEmpty(value) ? (value === undefined ? 'absent' : 'empty') : 'value' })
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

/** One claim: its value and where it is from, undefined if there is none, or why it is of no use. `applies`: the person has the claim at all. */
function evaluateClaim(
  planned: PlannedClaim,
  way: Way,
  sources: Sources,
  variables: () => Variables,
  trace?: ClaimTrace,
): Outcome {
  const { type, when, fallback } = planned
  const holds = when ? when.evaluate(variables()) : { value: true }
  if ('cause' in holds) return { expected: 'a condition that can be told', step: 'when', cause: holds.cause }
  const applies = holds.value === true
  if (trace && when) trace.applies = applies
  if (!applies) return { applies, value: undefined, origin: '' }
  const reading = read(way.source, sources, variables, trace)
  if ('cause' in reading) return { expected: expected(type), cause: reading.cause }
  if (trace) Object.assign(trace, { origin: reading.origin, read: reading.value })
  const result = isEmpty(reading.value) ? { value: undefined } : takeSteps(reading.value, way.steps, type, trace)
  if ('expected' in result) return result
  if (result.value !== undefined || fallback === undefined)
    return { applies, value: result.value, origin: reading.origin }
  return { applies, value: fallback, origin: 'default' }
}

/**
 * Evaluates the rules of a credential for one person: what the sources hold becomes claims. Never throws, whatever the
 * sources hold. The credential may only be issued if `missing` and `unusable` are empty. `trace` is called for every claim that is
 * looked at and answers what to write its way down in; that costs time, so only those who will show it ask for it.
 */
export function evaluatePlan(
  plan: ClaimPlan,
  sources: Sources,
  now: Date,
  trace?: (planned: PlannedClaim, source: Source, isOverride: boolean) => ClaimTrace,
): EvaluatedClaims {
  countPatterns()
  const result: EvaluatedClaims = { claims: {}, missing: [], unusable: [], origins: {} }
  const provider = sources.session.identity_provider
  let made: Variables | undefined
  const variables = () => {
    made ??= variablesOf(sources, now)
    return made
  }

  for (const planned of plan.claims) {
    const { key, path, mandatory } = planned
    const override = provider === undefined ? undefined : planned.byProvider.get(provider)
    const way = override ?? planned
    const outcome = evaluateClaim(planned, way, sources, variables, trace?.(planned, way.source, way === override))
    if ('expected' in outcome) result.unusable.push({ claim: key, ...outcome })
    else if (outcome.value === undefined) {
      if (mandatory && outcome.applies) result.missing.push(key)
    } else {
      place(result.claims, path, outcome.value)
      result.origins[key] = outcome.origin
    }
  }
  return result
}

import { isObject } from '../lib/json.ts'
import type { Sources } from '../model/claim-mapping.ts'
import { type ClaimPlan, type EvaluatedClaims, evaluatePlan, type PlannedClaim, type Source } from './evaluate.ts'

/** How one claim came to be, for a preview: it holds the person's values, so it is shown and never stored. */
export type ClaimTrace = {
  key: string
  path: readonly string[]
  rule: Source['kind']
  /** The expression, if the rule is one. */
  expression?: string
  /** Whether the rule of the identity provider was taken instead of the common one. */
  isOverride: boolean
  /** What `when` came to, if the rule has one. */
  applies?: boolean
  /** The paths that were looked at, in their order, and what was there. */
  tried: { path: string; found: 'value' | 'empty' | 'absent' }[]
  /** The path that the value is from, `cel`, `const` or `default`; empty if there is none. */
  origin: string
  /** What was read, before any step. */
  read?: unknown
  steps: { name: string; result: unknown }[]
  /** What the claim is; absent if it is left out. */
  value?: unknown
  isDefault: boolean
  problem?: Problem
}
/** What is wrong, and how to mend it, in words that hold no value. */
export type Problem = { kind: 'missing' | 'unusable'; what: string; mend: string; step?: string; cause?: string }

const begin = ({ key, path }: PlannedClaim, source: Source, isOverride: boolean): ClaimTrace => ({
  key,
  path,
  rule: source.kind,
  ...(source.kind === 'cel' && { expression: source.expression.text }),
  isOverride,
  tried: [],
  origin: '',
  steps: [],
  isDefault: false,
})

function missingProblem({ rule, tried, steps }: ClaimTrace): Problem {
  const kind = 'missing'
  const emptied = steps.find(({ result }) => result === undefined || (Array.isArray(result) && result.length === 0))
  if (emptied) {
    const mend = `Let ${emptied.name} know this value, too, or give the rule a default.`
    return { kind, what: `The step ${emptied.name} left nothing of what was read.`, step: emptied.name, mend }
  }
  const mend = 'Give the account a value, let the provider send it, name another path, or give the rule a default.'
  if (rule === 'cel') return { kind, what: 'The expression came to nothing.', mend }
  return { kind, what: `Nothing was there: ${tried.map(({ path, found }) => `${path} is ${found}`).join(', ')}.`, mend }
}

function unusableProblem({ expected, step, cause }: EvaluatedClaims['unusable'][number]): Problem {
  const more = { ...(step !== undefined && { step }), ...(cause !== undefined && { cause }) }
  if (cause !== undefined) {
    const mend = 'Mend the expression, or let it ask first (has(…), .?name, orValue) for what may not be there.'
    const what = `The ${step === undefined ? 'expression' : `step ${step}`} failed: ${cause}.`
    return { kind: 'unusable', what, mend, ...more }
  }
  const what = `${step === undefined ? 'The claim' : `The step ${step}`} wants ${expected}.`
  const mend = 'Correct the value in the account, or let the rule parse, match or choose what it needs of it.'
  return { kind: 'unusable', what, mend, ...more }
}

/** What the credential has of a claim; undefined if it is not there. */
export const claimIn = ({ claims }: EvaluatedClaims, { path }: Pick<PlannedClaim, 'path'>): unknown =>
  path.reduce<unknown>(
    (holder, name) => (isObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined),
    claims,
  )

/**
 * Evaluates the rules as an issuance does, and tells of every claim how it came to be, in the order of the rules. `begun` hears of each
 * claim before it is worked on.
 */
export function tracePlan(
  plan: ClaimPlan,
  sources: Sources,
  now: Date,
  begun?: (key: string) => void,
): EvaluatedClaims & { traces: ClaimTrace[] } {
  const traces: ClaimTrace[] = []
  const result = evaluatePlan(plan, sources, now, (...about) => {
    const trace = begin(...about)
    traces.push(trace)
    begun?.(trace.key)
    return trace
  })
  for (const trace of traces) {
    const { key } = trace
    const unusable = result.unusable.find(({ claim }) => claim === key)
    if (unusable) trace.problem = unusableProblem(unusable)
    else if (result.missing.includes(key)) trace.problem = missingProblem(trace)
    if (!Object.hasOwn(result.origins, key)) continue
    trace.origin = result.origins[key] ?? ''
    trace.isDefault = trace.origin === 'default'
    trace.value = claimIn(result, trace)
  }
  return { ...result, traces }
}

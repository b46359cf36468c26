import { isDeepStrictEqual } from 'node:util'
import type { ClaimRule, ClaimType } from '../model/claim-mapping.ts'
import type { Steps } from '../model/mapping-steps.ts'
import { checkSteps, inputOf, stepsIn } from './check-steps.ts'
import type { Source, Way } from './evaluate.ts'
import { compileExpression, type Expression, type Wants, wantsOf } from './expression.ts'
import { expected, fit, isMemberName } from './fit.ts'
import { type Fault, isEmpty, parseShortPath, type ShortPath } from './short-form.ts'
import { compileSteps } from './steps.ts'

type Rule = Pick<ClaimRule, 'from' | 'cel' | 'const'> & Steps
/** Takes a fault of a rule, at a path below it. */
export type Report = (path: readonly (string | number)[], fault: { detail: string; column?: number }) => void

const isFault = (compiled: object): compiled is Fault => 'detail' in compiled

/** Compiles where a claim comes from, and reports what is wrong with it. */
function compileSource(rule: Rule, wants: Wants, type: ClaimType, zone: string, report: Report): Source {
  if (rule.cel !== undefined) {
    const expression = compileExpression(rule.cel, wants, zone)
    if (!isFault(expression)) return { kind: 'cel', expression }
    report(['cel'], expression)
  } else if (rule.from !== undefined) {
    const paths: ShortPath[] = []
    for (const [index, text] of [rule.from].flat().entries()) {
      const path = parseShortPath(text)
      if (isFault(path)) report(Array.isArray(rule.from) ? ['from', index] : ['from'], path)
      else paths.push(path)
    }
    return { kind: 'from', paths }
  } else if (isEmpty(rule.const)) {
    report(['const'], { detail: 'The constant is empty; leave the claim out instead.' })
  } else if (!isDeepStrictEqual(fit(rule.const, type), rule.const)) {
    report(['const'], { detail: `The claim is declared as ${type}; the constant is not ${expected(type)}.` })
  }
  return { kind: 'const', value: rule.const }
}

/** Compiles the way from the sources to a claim, and reports what is wrong with it. `above`: the rule whose steps an override shares. */
export function compileWay(rule: Rule, type: ClaimType, zone: string, report: Report, above: Steps = {}): Way {
  const own = stepsIn(rule)
  checkSteps(rule, type, report)
  if (rule.const !== undefined && own[0])
    report([own[0]], { detail: 'A constant is written as it shall be; nothing is done with it.' })
  const shared = rule.const === undefined ? above : {}
  const steps: Steps = own.length > 0 ? rule : shared
  const source = compileSource(rule, inputOf(steps) ?? wantsOf(type), type, zone, report)
  return { source, steps: compileSteps(steps, type, zone) }
}

/** Compiles what a claim is when the sources have nothing, and when it is there at all. */
export function compileConditions(
  rule: Pick<ClaimRule, 'when' | 'default' | 'const'>,
  type: ClaimType,
  zone: string,
  report: Report,
): { when?: Expression; fallback?: unknown } {
  if (rule.default !== undefined) {
    if (rule.const !== undefined) report(['default'], { detail: 'A constant is always there; it needs no default.' })
    else if (isEmpty(rule.default) || !isDeepStrictEqual(fit(rule.default, type), rule.default))
      report(['default'], { detail: `The claim is declared as ${type}; the default is not ${expected(type)}.` })
  }
  const when = rule.when === undefined ? undefined : compileExpression(rule.when, wantsOf('boolean'), zone)
  if (when && isFault(when)) report(['when'], when)
  return { ...(when && !isFault(when) && { when }), ...(rule.default !== undefined && { fallback: rule.default }) }
}

/** What is wrong with the path of a claim by itself. */
export function checkPath(path: readonly string[], reservedClaims: readonly string[]): string | undefined {
  if (path.some((name) => name === '')) return 'A name in the path of the claim is empty.'
  const forbidden = path.find((name) => !isMemberName(name))
  if (forbidden !== undefined) return `No claim may be named ${forbidden}.`
  if (reservedClaims.includes(path[0] ?? '')) return `Only the issuer may set ${path[0]}.`
  return undefined
}

/** What is wrong with a path beside those of other claims: the same claim twice, or a claim inside a claim. */
export function checkPlace(path: readonly string[], taken: readonly (readonly string[])[]): string | undefined {
  for (const other of taken) {
    const shared = Math.min(path.length, other.length)
    if (!path.slice(0, shared).every((name, index) => name === other[index])) continue
    if (path.length === other.length) return 'Another rule makes the same claim.'
    return `${other.join('.')} is a claim already; it cannot be a value and hold another claim, too.`
  }
  return undefined
}

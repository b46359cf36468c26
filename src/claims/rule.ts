import { isDeepStrictEqual } from 'node:util'
import type { ClaimRule, ClaimType } from '../model/claim-mapping.ts'
import type { Source } from './evaluate.ts'
import { compileExpression } from './expression.ts'
import { expected, fit, isMemberName } from './fit.ts'
import { type Fault, isEmpty, parseShortPath, type ShortPath } from './short-form.ts'

type Rule = Pick<ClaimRule, 'from' | 'cel' | 'const'>
/** Takes a fault of a rule, at a path below it. */
export type Report = (path: readonly (string | number)[], fault: { detail: string; column?: number }) => void

const isFault = (compiled: object): compiled is Fault => 'detail' in compiled

/** Compiles where a claim comes from, and reports what is wrong with it. */
export function compileSource(rule: Rule, type: ClaimType, report: Report): Source {
  if (rule.cel !== undefined) {
    const expression = compileExpression(rule.cel, type)
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

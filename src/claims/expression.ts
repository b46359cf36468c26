import { type Environment, EvaluationError, ParseError, type ParseResult } from '@marcbachmann/cel-js'
import type { ClaimType, Sources } from '../model/claim-mapping.ts'
import { fromCel, LimitError, toCelMap } from './cel-values.ts'
import { expected } from './fit.ts'
import { claimEnvironment } from './functions.ts'
import { guard } from './guards.ts'
import { type Read, readsOfExpression } from './reads.ts'
import type { Fault, Root } from './short-form.ts'

/** The variables of expressions, made from the sources once an evaluation. */
export type Variables = Record<Root | 'now', unknown>
/** What an expression came to: a value (undefined for none), or why it failed, in words that hold no value. */
export type Outcome = { value: unknown } | { cause: string }
/** Compiled: what it may touch, and how it comes to its value. */
export type Expression = { reads: readonly Read[]; evaluate: (variables: Variables) => Outcome }

let environment: Environment | undefined

/** Where a character stands in the expression, counted from 1. */
const position = (text: string, offset: number) => {
  const before = text.slice(0, offset).split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

const accepted: Record<ClaimType, RegExp> = {
  string: /^string$/,
  date: /^string$/,
  'full-date': /^string$/,
  tdate: /^string$/,
  bytes: /^string$/,
  integer: /^int$/,
  number: /^(int|double)$/,
  boolean: /^bool$/,
  object: /^map/,
  'list(string)': /^list(<(string|dyn.*|[A-Z])>)?$/,
  'list(integer)': /^list(<(int|dyn.*|[A-Z])>)?$/,
  'list(number)': /^list(<(int|double|dyn.*|[A-Z])>)?$/,
  'list(object)': /^list(<(map.*|dyn.*|[A-Z])>)?$/,
}

/** Whether a result of this CEL type can become the claim. What a source holds is `dyn`, and is looked at when it comes. */
function canBecome(type: string, claim: ClaimType): boolean {
  const inner = /^optional<(.*)>$/.exec(type)?.[1] ?? type
  return /^(dyn|optional$)/.test(inner) || accepted[claim].test(inner)
}

/**
 * Compiles a CEL expression for a claim of a type, after every check that is possible without the sources: syntax, names,
 * operand types, the guards, the type of the result. Answers the expression, or the mistake with its position.
 */
export function compileExpression(text: string, type: ClaimType): Expression | Fault {
  environment ??= claimEnvironment()
  const at = (detail: string, offset: number): Fault => ({
    detail: `${detail.replace(/\.$/, '')} (${position(text, offset)}).`,
    column: offset + 1,
  })
  let parsed: ParseResult
  try {
    parsed = environment.parse(text)
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    return at(error.summary, error.range?.start ?? 0)
  }
  const reads = readsOfExpression(parsed.ast)
  const refusal = guard(parsed.ast)
  if (refusal) return at(refusal.detail, refusal.column - 1)
  const checked = parsed.check()
  if (!checked.valid) {
    return at(checked.error?.summary ?? 'This is no expression', checked.error?.range?.start ?? 0)
  }
  if (!canBecome(checked.type ?? 'dyn', type)) {
    return at(`The result is of type ${checked.type}, the claim wants ${expected(type)}`, 0)
  }
  return { reads, evaluate: (variables) => evaluate(parsed, text, variables) }
}

function evaluate(parsed: ParseResult, text: string, variables: Variables): Outcome {
  try {
    return { value: fromCel(parsed(variables)) }
  } catch (error) {
    if (error instanceof EvaluationError) {
      // A source that lacks a name is no mistake in it: the claim is missing, as it is in the short form.
      if (error.code === 'no_such_key') return { value: undefined }
      return { cause: `${error.code} (${position(text, error.range?.start ?? 0)})` }
    }
    // The text of any other error may hold a value.
    return { cause: error instanceof LimitError ? error.message : 'evaluation_error' }
  }
}

/** The sources and the moment as the expressions of one evaluation see them. */
export const variablesOf = (sources: Sources, now: Date): Variables => ({
  id_token: toCelMap(sources.id_token),
  userinfo: toCelMap(sources.userinfo),
  user: toCelMap(sources.user),
  offer: toCelMap(sources.offer),
  source: toCelMap(sources.source),
  session: toCelMap(sources.session),
  now,
})

import { type Environment, EvaluationError, ParseError, type ParseResult } from '@marcbachmann/cel-js'
import { didYouMean } from '../lib/nearest.ts'
import type { ClaimType, Sources } from '../model/claim-mapping.ts'
import { fromCel, toCelMap } from './cel-values.ts'
import { expected } from './fit.ts'
import { claimEnvironment, variables } from './functions.ts'
import { guard } from './guards.ts'
import { type Read, readsOfExpression } from './reads.ts'
import { type Fault, type Root, sessionMembers } from './short-form.ts'
import { Unusable } from './unusable.ts'

/** The variables of expressions, made from the sources once an evaluation. */
export type Variables = Record<Root | 'now', unknown>
/** What an expression came to: a value (undefined for none), or why it failed, in words that hold no value. */
export type Outcome = { value: unknown } | { cause: string }
/** Compiled: what it may touch, and how it comes to its value. */
export type Expression = { text: string; reads: readonly Read[]; evaluate: (variables: Variables) => Outcome }
/** Types of CEL that an expression may come to, and what that is in words. */
export type Wants = { accepts: RegExp; words: string }

const environments = new Map<string, Environment>()

/** The environment of a time zone; there are only so many. */
function environmentOf(zone: string): Environment {
  const known = environments.get(zone) ?? claimEnvironment(zone)
  environments.set(zone, known)
  return known
}

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
/** What an expression has to come to that makes a claim of this type. */
export const wantsOf = (type: ClaimType): Wants => ({
  accepts: accepted[type],
  words: `the claim wants ${expected(type)}`,
})

/** Whether a result of this CEL type can be used. What a source holds is `dyn`, and is looked at when it comes. */
function canBecome(type: string, { accepts }: Wants): boolean {
  const inner = /^optional<(.*)>$/.exec(type)?.[1] ?? type
  return /^(dyn|[A-Z]$|optional$)/.test(inner) || accepts.test(inner)
}

/** What was probably meant by a name that the library does not know. */
function meant(summary: string): string {
  const [, variable, member] = /^Unknown variable: (\w+)|^No such key: (\w+)/.exec(summary) ?? []
  if (variable !== undefined) return didYouMean(variable, variables)
  return member === undefined ? '' : didYouMean(member, Object.keys(sessionMembers))
}

/**
 * Compiles a CEL expression after every check that is possible without the sources: syntax, names, operand types, the
 * guards, the type of the result. Answers the expression, or the mistake with its position.
 */
export function compileExpression(text: string, wants: Wants, zone: string): Expression | Fault {
  const at = (detail: string, offset: number, hint = ''): Fault => ({
    detail: `${detail.replace(/\.$/, '')} (${position(text, offset)}).${hint}`,
    column: offset + 1,
  })
  let parsed: ParseResult
  try {
    parsed = environmentOf(zone).parse(text)
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    return at(error.summary, error.range?.start ?? 0)
  }
  const reads = readsOfExpression(parsed.ast)
  const refusal = guard(parsed.ast)
  if (refusal) return at(refusal.detail, refusal.column - 1, refusal.hint)
  const checked = parsed.check()
  if (!checked.valid) {
    const summary = checked.error?.summary ?? 'This is no expression'
    return at(summary, checked.error?.range?.start ?? 0, meant(summary))
  }
  if (!canBecome(checked.type ?? 'dyn', wants)) return at(`The result is of type ${checked.type}, ${wants.words}`, 0)
  return { text, reads, evaluate: (values) => evaluate(parsed, text, values) }
}

function evaluate(parsed: ParseResult, text: string, values: Variables): Outcome {
  try {
    return { value: fromCel(parsed(values)) }
  } catch (error) {
    if (error instanceof EvaluationError) {
      // A source that lacks a name is no mistake in it: the claim is missing, as it is in the short form.
      if (error.code === 'no_such_key') return { value: undefined }
      return { cause: `${error.code} (${position(text, error.range?.start ?? 0)})` }
    }
    // The text of any other error may hold a value.
    return { cause: error instanceof Unusable ? error.message : 'evaluation_error' }
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

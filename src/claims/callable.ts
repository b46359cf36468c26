import type { ASTNode } from '@marcbachmann/cel-js'
import { readingMistake, writingMistake } from './dates.ts'
import { limits } from './fit.ts'
import { substitutes } from './functions.ts'
import { dear, type Measure, Refusal, scalar } from './measure.ts'
import { patternMistake } from './patterns.ts'
import { numberForms } from './transforms.ts'

export const loops: ReadonlySet<string> = new Set(['map', 'filter', 'exists', 'exists_one', 'all'])

/** The functions that expressions may call. Not here: what makes bytes (no claim is one, and hexadecimal digits double a text), and `type`. */
export const callable: ReadonlySet<string> = new Set([
  ...['bool', 'date', 'double', 'duration', 'dyn', 'has', 'int', 'size', 'string', 'timestamp', 'uint'],
  ...['coalesce', 'formatDate', 'parseBoolean', 'parseDate', 'parseNumber', 'years'],
  ...['bind', 'of', 'none', 'or', 'orValue', 'hasValue', 'value', ...loops, ...substitutes.keys()],
  ...['charAt', 'contains', 'endsWith', 'extract', 'indexOf', 'lastIndexOf', 'lowerAscii', 'parts', 'replace'],
  ...['startsWith', 'substring', 'trim', 'upperAscii', 'distinct', 'first', 'last', 'sort'],
  ...['getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear', 'getFullYear', 'getHours', 'getMilliseconds'],
  ...['getMinutes', 'getMonth', 'getSeconds'],
])

const texts = new Set([
  ...['string', 'date', 'formatDate', 'join', 'replace', 'lowerAscii', 'upperAscii', 'trim', 'substring', 'charAt'],
])
const dearOnes = new Set([
  ...['matches', 'replace', 'join', 'split', 'parts', 'date', 'parseDate', 'formatDate', 'parseNumber', 'years'],
])

/** A text of so many characters. */
export const text = (characters: number): Measure => ({ ...scalar, characters, text: true })

const numberMistake = (written: string) =>
  (numberForms as string[]).includes(written) ? undefined : `A form of numbers is ${numberForms.join(' or ')}.`

/** Arguments that have to stand in the expression, so that a mistake in them shows when it is saved. */
const spelled: Record<string, { at: number; what: string; mistakeIn: (written: string) => string | undefined }> = {
  matches: { at: 0, what: 'pattern', mistakeIn: patternMistake },
  extract: { at: 0, what: 'pattern', mistakeIn: patternMistake },
  parseDate: { at: 1, what: 'form', mistakeIn: readingMistake },
  formatDate: { at: 1, what: 'form', mistakeIn: writingMistake },
  parseNumber: { at: 1, what: 'form', mistakeIn: numberMistake },
}

/** Refuses a call whose pattern or form does not stand in the expression, or is none. */
export function checkSpelled(node: ASTNode, name: string, args: readonly ASTNode[]): void {
  // The library's reader of durations takes cubic time, so none comes from a source.
  if (name === 'duration' && !(args[0]?.op === 'value' && String(args[0].args).length <= 40))
    throw new Refusal(args[0] ?? node, 'The text of duration stands in the expression and is short.')
  const wanted = Object.hasOwn(spelled, name) ? spelled[name] : undefined
  if (!wanted) return
  const arg = args[wanted.at]
  if (arg?.op !== 'value' || typeof arg.args !== 'string')
    throw new Refusal(arg ?? node, `The ${wanted.what} of ${name} is a text that stands in the expression.`)
  const mistake = wanted.mistakeIn(arg.args)
  if (mistake) throw new Refusal(arg, mistake)
}

function costOf(name: string, args: readonly ASTNode[], whole: Measure): number {
  const items = Math.max(1, Math.min(whole.items, whole.values))
  if (name === 'extract') return items * dear
  if (name === 'sort' || name === 'distinct') return items * 10
  return dearOnes.has(name) || (name.startsWith('get') && args.length > 0) ? dear : 0
}

/** What a call may come to, at worst; `whole` is the measure of what it is given. */
export function measureResult(name: string, args: readonly ASTNode[], whole: Measure): Measure {
  const steps = whole.steps + costOf(name, args, whole) + whole.characters / limits.characters
  if (name === 'split' || name === 'parts') return { ...whole, items: limits.items, values: limits.items, steps }
  return texts.has(name) ? { ...text(whole.characters), steps } : { ...whole, steps }
}

import type { ClaimType } from '../model/claim-mapping.ts'
import type { ListStep, Steps } from '../model/mapping-steps.ts'
import { type Moment, readDate, secondsText, writeDate } from './dates.ts'
import { expected, fit, limits, unfit } from './fit.ts'
import { readImage } from './image.ts'
import { extract } from './patterns.ts'
import { isEmpty } from './short-form.ts'
import { distinct, type NumberForm, numberForms, parts, readBoolean, readNumber, sorted } from './transforms.ts'
import { Unusable } from './unusable.ts'

/** One step on the way from what was read to the claim. Throws `Unusable` for a value that it cannot work on. */
export type Step = { name: keyof Steps; apply: (value: unknown) => unknown }

/** A value as a text of bearable length; whole numbers and truth values as they are written. */
function textOf(value: unknown): string {
  if (typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (typeof value === 'string' && value.length <= limits.characters) return value
  throw new Unusable(`a text of at most ${limits.characters} characters, or a list of such texts`)
}

/** Works on one value, or on every item of a list; what comes to nothing is left out of it. */
const each = (work: (value: unknown) => unknown) => (value: unknown) => {
  if (!Array.isArray(value)) return work(value)
  if (value.length > limits.items) throw new Unusable(`a list of at most ${limits.items} items`)
  return value.filter((item) => !isEmpty(item)).flatMap((item) => work(item) ?? [])
}

const asList = (value: unknown): unknown[] => {
  const list = Array.isArray(value) ? value.filter((item) => !isEmpty(item)) : [value]
  if (list.length > limits.items) throw new Unusable(`a list of at most ${limits.items} items`)
  return list
}

const listSteps: Record<ListStep, (list: unknown[]) => unknown> = {
  distinct,
  sort: sorted,
  first: (list) => list[0],
  last: (list) => list.at(-1),
}

function joined(value: unknown, separator: string): string {
  const text = asList(value).map(textOf).join(separator)
  return textOf(text)
}

/** A date as the claim's type has it. */
function dateAs(type: ClaimType, { at, day, isDay }: Moment, format: string | undefined, zone: string): unknown {
  if (type === 'date' || type === 'full-date') return day()
  if (type === 'integer' || type === 'number') return Math.floor(at().getTime() / 1000)
  if (format !== undefined) return writeDate(at(), format, zone)
  return isDay && type !== 'tdate' ? day() : secondsText(at())
}

/** How a step `parse` reads, of the claim's type and in the tenant's time zone. */
function reader(forms: readonly string[], format: string | undefined, type: ClaimType, zone: string) {
  if (forms[0] === 'boolean') return readBoolean
  if (numberForms.includes(forms[0] as NumberForm)) return (value: unknown) => readNumber(value, forms[0] ?? '')
  return (value: unknown) => dateAs(type, readDate(value, forms, zone), format, zone)
}

/** The forms that `parse` names. */
export const formsOf = ({ parse }: Steps): readonly string[] => (parse === undefined ? [] : [parse].flat())

/** The steps of a rule in the order in which they are taken, which is that of `Steps`. */
export function compileSteps(rule: Steps, type: ClaimType, zone: string): Step[] {
  const { split, match, table, otherwise, format, list, join, image } = rule
  const steps: (Step | false)[] = [
    split !== undefined && { name: 'split', apply: each((value) => parts(textOf(value), split)) },
    match !== undefined && { name: 'match', apply: each((value) => extract(textOf(value), match)) },
    table !== undefined && {
      name: 'table',
      apply: each((value) => {
        const text = textOf(value)
        return Object.hasOwn(table, text) ? table[text] : otherwise
      }),
    },
    rule.parse !== undefined && { name: 'parse', apply: each(reader(formsOf(rule), format, type, zone)) },
    list !== undefined && {
      name: 'list',
      apply: (value) => [list].flat().reduce<unknown>((so, one) => listSteps[one](asList(so)), value),
    },
    join !== undefined && { name: 'join', apply: (value) => joined(value, join) },
    image !== undefined && { name: 'image', apply: each((value) => readImage(value, image.types, image.max_bytes)) },
  ]
  return steps.filter((step) => step !== false)
}

/** What the steps make of a value, and of that the claim's type; or what is wanted, and at which step. */
export function takeSteps(
  read: unknown,
  steps: readonly Step[],
  type: ClaimType,
  trace?: { steps: { name: string; result: unknown }[] },
): { value: unknown } | { expected: string; step?: string; cause?: string } {
  let value = read
  for (const { name, apply } of steps) {
    try {
      value = apply(value)
    } catch (error) {
      if (error instanceof Unusable) return { expected: error.message, step: name }
      // As in an expression: a text that we did not write may hold the value, and one claim is no reason to fall over.
      return { expected: expected(type), step: name, cause: 'evaluation_error' }
    }
    trace?.steps.push({ name, result: value })
    if (isEmpty(value)) return { value: undefined }
  }
  const fitted = fit(value, type)
  return fitted === unfit ? { expected: expected(type) } : { value: fitted }
}

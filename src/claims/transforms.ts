import { limits } from './fit.ts'
import { Unusable } from './unusable.ts'

/** The parts of a text between a separator, without spaces around them and without empty ones. */
export function parts(text: string, separator: string): string[] {
  const found = text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (found.length > limits.items) throw new Unusable(`A list has at most ${limits.items} items.`)
  return found
}

const isScalar = (value: unknown) => typeof value !== 'object' || value === null

/** Each value once, in the order of its first place. */
export function distinct<T>(list: readonly T[]): T[] {
  if (!list.every(isScalar)) throw new Unusable('a list of texts, numbers or truth values')
  return [...new Set(list)]
}

/** Texts by their characters' numbers, numbers by their size; the same on every machine. */
export function sorted<T>(list: readonly T[]): T[] {
  const kinds = new Set(list.map((item) => (typeof item === 'bigint' ? 'number' : typeof item)))
  if (kinds.size > 1 || !list.every(isScalar)) throw new Unusable('a list of texts or a list of numbers')
  return list.toSorted((a, b) => (a < b ? -1 : Number(a > b)))
}

/** How numbers are written: with which decimal sign, and which signs may stand between groups of three. */
const numbers = {
  'decimal-point': /^[+-]?(\d{1,3}(?:([,'’\s])\d{3})(?:\2\d{3})*|\d+)(\.\d+)?$/,
  'decimal-comma': /^[+-]?(\d{1,3}(?:([.'’\s])\d{3})(?:\2\d{3})*|\d+)(,\d+)?$/,
} as const
export type NumberForm = keyof typeof numbers
export const numberForms = Object.keys(numbers) as NumberForm[]

export function readNumber(value: unknown, form: string): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  const text = typeof value === 'string' && value.length <= 64 ? value.trim() : ''
  if (numbers[form as NumberForm].test(text)) {
    const decimal = form === 'decimal-comma' ? text.replaceAll('.', '').replace(',', '.') : text.replaceAll(',', '')
    const number = Number(decimal.replaceAll(/['’\s]/g, ''))
    if (Number.isFinite(number)) return number
  }
  throw new Unusable(`a number with a ${form.replace('-', ' ')}`)
}

const truths = new Map([
  ...['true', 'yes', 'on', 'y', 't', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', 'n', 'f', '0'].map((word) => [word, false] as const),
])

export function readBoolean(value: unknown): boolean {
  const truth = truths.get(isScalar(value) ? String(value).slice(0, 16).trim().toLowerCase() : '')
  if (truth === undefined) throw new Unusable('true, yes, on, 1 or false, no, off, 0')
  return truth
}

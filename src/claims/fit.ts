import type { ClaimType } from '../model/claim-mapping.ts'

/** The most that goes into an expression and into a claim. */
export const limits = { items: 256, characters: 4096, dataUri: 262_144, depth: 16, values: 10_240 } as const

/** The answer of `fit` for a value that cannot become the declared type. */
export const unfit: unique symbol = Symbol('unfit')

const expectations: Record<ClaimType, string> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date as YYYY-MM-DD',
  'full-date': 'a date as YYYY-MM-DD',
  tdate: 'a moment as YYYY-MM-DDThh:mm:ssZ',
  bytes: 'bytes in base64, base64url or a data URI',
  object: 'an object',
  'list(string)': 'a list of strings',
  'list(integer)': 'a list of integers',
  'list(number)': 'a list of numbers',
  'list(object)': 'a list of objects',
}
/** What a declared type wants, in words. */
export const expected = (type: ClaimType): string => expectations[type]

/** A text of bearable length; a data URI, such as a portrait, may be longer. */
export const isBearable = (text: string): boolean =>
  text.length <= limits.characters || (text.length <= limits.dataUri && text.startsWith('data:'))

// `__proto__` could become a prototype, the others are the marks of SD-JWT (RFC 9901 §4.1).
const forbidden = new Set(['__proto__', '_sd', '...'])
/** Whether an object inside a credential may have a member of this name. */
export const isMemberName = (name: string): boolean => !forbidden.has(name)

/** A copy of JSON, or `unfit` if it is none, too large or too deep, or has a member that no credential may have. */
function copy(value: unknown, budget: { left: number }, depth = 0): unknown {
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return isBearable(value) ? value : unfit
  if (typeof value === 'number') return Number.isFinite(value) ? value : unfit
  if (typeof value !== 'object' || depth === limits.depth) return unfit
  const list = Array.isArray(value)
  const target: Record<string, unknown> | unknown[] = list ? [] : {}
  const names = Object.keys(value)
  budget.left -= names.length
  if (names.length > limits.items || budget.left < 0) return unfit
  for (const name of names) {
    const member = isMemberName(name) ? copy((value as Record<string, unknown>)[name], budget, depth + 1) : unfit
    if (member === unfit) return unfit
    ;(target as Record<string, unknown>)[name] = member
  }
  return target
}

const isDate = (text: string) => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const moment = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text)
}

const isMoment = (text: string) =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) && !Number.isNaN(new Date(text).getTime())

/** Base64 or base64url, bare or as the data of a data URI. */
const isEncoded = (text: string) => /^(data:[^,]{1,100};base64,)?[A-Za-z0-9+/_-]+={0,2}$/.test(text)

/** A number in the one way to write it, so that nothing (a leading zero, a plus, a digit) is lost on the way. */
const written = (text: string) => (String(Number(text)) === text ? Number(text) : Number.NaN)

type Single = Exclude<ClaimType, `list(${string})`>

function one(value: unknown, type: Single): unknown {
  switch (type) {
    case 'string':
      if (Number.isSafeInteger(value)) return String(value)
      return typeof value === 'string' && isBearable(value) ? value : unfit
    case 'integer': {
      const number = typeof value === 'string' ? written(value) : value
      return Number.isSafeInteger(number) ? number : unfit
    }
    case 'number': {
      const number = typeof value === 'string' ? written(value) : value
      return Number.isFinite(number) ? number : unfit
    }
    case 'boolean':
      return typeof value === 'boolean' ? value : unfit
    case 'date':
    case 'full-date':
      return typeof value === 'string' && isDate(value) ? value : unfit
    case 'tdate':
      return typeof value === 'string' && isMoment(value) ? value : unfit
    case 'bytes':
      // A portrait may come without the data URI around it.
      return typeof value === 'string' && value.length <= limits.dataUri && isEncoded(value) ? value : unfit
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? copy(value, { left: limits.values })
        : unfit
  }
}

const items = {
  'list(string)': 'string',
  'list(integer)': 'integer',
  'list(number)': 'number',
  'list(object)': 'object',
} as const

/**
 * Makes a value that was read what the claim is declared to be, without losing anything: a single value becomes a list of
 * one and a list of one a single value (Keycloak's mappers write either), a safe integer its decimal string and back.
 * Nothing becomes a boolean. Answers a copy, or `unfit`.
 */
export function fit(value: unknown, type: ClaimType): unknown {
  if (type === 'list(string)' || type === 'list(integer)' || type === 'list(number)' || type === 'list(object)') {
    const list = Array.isArray(value) ? value : [value]
    if (list.length > limits.items) return unfit
    const fitted = list.map((item) => one(item, items[type]))
    return fitted.includes(unfit) ? unfit : fitted
  }
  return one(Array.isArray(value) && value.length === 1 ? value[0] : value, type)
}

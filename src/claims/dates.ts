import { isOnWalls, momentOf, type Wall, wallOf } from './time-zone.ts'
import { Unusable } from './unusable.ts'

/** A moment, and the day it falls on in the tenant's time zone, each worked out when it is asked for. `isDay`: only the day was said. */
export type Moment = { at: () => Date; day: () => string; isDay: boolean }

const words = ['iso', 'epoch', 'epoch-ms', 'ldap'] as const
const one = '(\\d{1,2})'
const two = '(\\d{2})'
const tokens: Record<string, string> = {
  yyyy: '(\\d{4})',
  MM: two,
  M: one,
  dd: two,
  d: one,
  HH: two,
  H: one,
  mm: two,
  ss: two,
}
const partOf: Record<string, keyof Wall> = { y: 'year', M: 'month', d: 'day', H: 'hour', m: 'minute', s: 'second' }
const token = /yyyy|MM?|dd?|HH?|mm|ss/g

const partsIn = (form: string) => (form.match(token) ?? []).map((found) => partOf[found[0] ?? ''] as keyof Wall)

/** A form such as `dd.MM.yyyy HH:mm`: its letters mean parts of a date, other letters mean nothing. */
const isPattern = (form: string): boolean => {
  const runs = form.match(/(\p{L})\1*/gu) ?? []
  return runs.length > 0 && runs.every((run) => Object.hasOwn(tokens, run))
}

/** What is wrong with a form in which dates are read; undefined for one that can be. */
export function readingMistake(form: string): string | undefined {
  if ((words as readonly string[]).includes(form)) return undefined
  const parts = isPattern(form) ? partsIn(form) : []
  if (
    ['year', 'month', 'day'].every((part) => parts.includes(part as keyof Wall)) &&
    new Set(parts).size === parts.length
  )
    return undefined
  return `A form of dates is ${words.join(', ')}, or made of yyyy, MM or M, dd or d, HH or H, mm and ss, such as dd.MM.yyyy.`
}

/** What is wrong with a form in which dates are written. */
export function writingMistake(form: string): string | undefined {
  return isPattern(form)
    ? undefined
    : 'A date is written with yyyy, MM or M, dd or d, HH or H, mm and ss, such as d.M.yyyy.'
}

const padded = (value: number, length: number) => String(value).padStart(length, '0')
const dayText = ({ year, month, day }: Wall) => `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`

/** The day of a moment in a time zone, `YYYY-MM-DD`. */
export const dayOf = (at: Date, zone: string): string => dayText(wallOf(at, zone))
/** A moment in UTC to the second, as `tdate` wants it. */
export const secondsText = (at: Date): string => at.toISOString().replace(/\.\d{3}Z$/, 'Z')

const ofMoment = (milliseconds: number, zone: string): Moment | undefined => {
  const at = new Date(milliseconds)
  if (Number.isNaN(milliseconds) || Number.isNaN(at.getTime())) return undefined
  const { year } = wallOf(at, 'UTC')
  return year >= 1 && year <= 9999 ? { at: () => at, day: () => dayOf(at, zone), isDay: false } : undefined
}

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i
// RFC 4517 §3.3.13; Active Directory writes whenCreated so. Minutes and seconds may be left out, the zone may not.
const generalized = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})?(\d{2})?(?:[.,]\d{1,9})?(Z|[+-]\d{2}(?:\d{2})?)$/

function offsetOf(text: string): number {
  if (/^z$/i.test(text)) return 0
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(3).replace(':', '') || '0')]
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

function fromParts(parts: (string | undefined)[], offset: string | undefined, zone: string): Moment | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0))
  const wall = { year, month, day, hour, minute, second }
  if (year === 0 || !isOnWalls(wall)) return undefined
  if (parts[3] === undefined) return { at: () => momentOf(wall, zone), day: () => dayText(wall), isDay: true }
  if (offset === undefined) return ofMoment(momentOf(wall, zone).getTime(), zone)
  return ofMoment(momentOf(wall, 'UTC').getTime() - offsetOf(offset), zone)
}

function readPattern(text: string, form: string, zone: string): Moment | undefined {
  const escaped = form.replaceAll(/[^\p{L}\d\s]/gu, '\\$&').replaceAll(token, (found) => tokens[found] ?? found)
  const [, ...found] = new RegExp(`^${escaped}$`).exec(text) ?? []
  const parts = partsIn(form)
  const at = (part: keyof Wall) => found[parts.indexOf(part)]
  const hasTime = parts.includes('hour')
  const time = hasTime ? [at('hour'), at('minute'), at('second')] : []
  return found.length === 0 ? undefined : fromParts([at('year'), at('month'), at('day'), ...time], undefined, zone)
}

function readAs(value: string, form: string, zone: string): Moment | undefined {
  if (form === 'epoch' || form === 'epoch-ms')
    return /^-?\d{1,15}(\.\d{1,9})?$/.test(value)
      ? ofMoment(Number(value) * (form === 'epoch' ? 1000 : 1), zone)
      : undefined
  if (form !== 'iso' && form !== 'ldap') return readPattern(value, form, zone)
  const [, ...parts] = (form === 'iso' ? iso : generalized).exec(value) ?? []
  return parts.length === 0 ? undefined : fromParts(parts.slice(0, 6), parts[6], zone)
}

/** Reads a date in the first of the forms that it has. What says no zone is of the tenant's. Throws `Unusable` if it has none of them. */
export function readDate(value: unknown, forms: readonly string[], zone: string): Moment {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value
  if (typeof text === 'string' && text.length <= 64) {
    for (const form of forms) {
      const moment = readAs(text.trim(), form, zone)
      if (moment) return moment
    }
  }
  throw new Unusable(`a date as ${forms.join(' or ')}`)
}

/** Writes a moment as the wall of a time zone shows it. */
export function writeDate(at: Date, form: string, zone: string): string {
  const wall = wallOf(at, zone)
  return form.replaceAll(token, (found) => padded(wall[partOf[found[0] ?? ''] as keyof Wall], found.length))
}

/** Whole years from one day (`YYYY-MM-DD`) to another, as a person's age is counted. */
export function yearsBetween(from: string, to: string): number {
  return Number(to.slice(0, 4)) - Number(from.slice(0, 4)) - (to.slice(5) < from.slice(5) ? 1 : 0)
}

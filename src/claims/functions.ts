import { Environment, Optional } from '@marcbachmann/cel-js'
import { LongText } from './cel-values.ts'
import { dayOf, readDate, writeDate, yearsBetween } from './dates.ts'
import { limits } from './fit.ts'
import { extract, matches } from './patterns.ts'
import { isEmpty, roots, sessionMembers } from './short-form.ts'
import { distinct, parts, readBoolean, readNumber, sorted } from './transforms.ts'
import { Unusable } from './unusable.ts'

const timestamp = 'google.protobuf.Timestamp'

/** What an expression may name. */
export const variables = [...roots, 'now'] as const

const boundText = (length: number) => {
  if (length > limits.characters) throw new Unusable(`A text has at most ${limits.characters} characters.`)
}

/** Every occurrence of `search`, or the first `count` of them (a negative count means all). */
function replace(text: string, search: string, by: string, count = -1n): string {
  if (search === '') throw new Unusable('replace looks for at least one character.')
  const found = text.split(search)
  const times = count < 0n ? found.length - 1 : Math.min(found.length - 1, Number(count))
  boundText(text.length + times * (by.length - search.length))
  return [...found.slice(0, times).map((part) => part + by), found.slice(times).join(search)].join('')
}

function split(text: string, separator: string, count = -1n): string[] {
  if (count === 0n) return []
  const found = text.split(separator)
  const most = count < 0n ? found.length : Math.min(found.length, Number(count))
  if (most > limits.items) throw new Unusable(`A list has at most ${limits.items} items.`)
  return [...found.slice(0, most - 1), found.slice(most - 1).join(separator)]
}

function join(list: unknown[], separator = ''): string {
  const length = list.reduce((sum: number, part) => {
    if (typeof part !== 'string') throw new Unusable('join takes a list of texts.')
    return sum + part.length + separator.length
  }, -separator.length)
  boundText(length)
  return list.join(separator)
}

const extractAll = (list: unknown[], re: string) =>
  list.flatMap((item) => {
    if (typeof item !== 'string') throw new Unusable('extract takes a text or a list of texts.')
    return extract(item, re) ?? []
  })

/** The first of several that is not empty, as `from` chooses among its paths. */
const coalesce = (...values: unknown[]) =>
  Optional.of(
    values
      .map((value) => (value instanceof Optional ? value.orValue(undefined) : value))
      .find((value) => !isEmpty(value)),
  )

/** Methods of the library that know no limit, and the name of ours that stands in for each. */
export const substitutes: ReadonlyMap<string, string> = new Map([
  ['matches', 'matchesRe2'],
  ['split', 'splitWithin'],
  ['join', 'joinWithin'],
])

type Ours = [signature: string, handler: (...values: never[]) => unknown]

/** Our functions; what each does, with an example, is on the page docs/reference/claim-mapping.md. */
const ours = (zone: string): Ours[] => [
  ['string.matchesRe2(string): bool', matches],
  ['string.extract(string): optional<string>', (text: string, re: string) => Optional.of(extract(text, re))],
  ['list.extract(string): list<string>', extractAll],
  ['string.splitWithin(string): list<string>', split],
  ['string.splitWithin(string, int): list<string>', split],
  ['string.parts(string): list<string>', parts],
  ['list<string>.joinWithin(): string', join],
  ['list<string>.joinWithin(string): string', join],
  ['string.replace(string, string): string', replace],
  ['string.replace(string, string, int): string', replace],
  ['string.charAt(int): string', (text: string, at: bigint) => text.charAt(Number(at))],
  ['list<A>.distinct(): list<A>', distinct],
  ['list<A>.sort(): list<A>', sorted],
  ['list<A>.first(): optional<A>', (list: unknown[]) => Optional.of(list[0])],
  ['list<A>.last(): optional<A>', (list: unknown[]) => Optional.of(list.at(-1))],
  ...[2, 3, 4, 5].map((count): Ours => [`coalesce(${Array(count).fill('dyn').join(', ')}): optional<dyn>`, coalesce]),
  ['parseBoolean(dyn): bool', readBoolean],
  ['parseNumber(dyn, string): double', readNumber],
  [`parseDate(dyn, string): ${timestamp}`, (value: unknown, form: string) => readDate(value, [form], zone).at()],
  [`formatDate(${timestamp}, string): string`, (moment: Date, form: string) => writeDate(moment, form, zone)],
  [`string(${timestamp}): string`, (moment: Date) => moment.toISOString()],
  [`date(${timestamp}): string`, (moment: Date) => dayOf(moment, zone)],
  [
    `years(${timestamp}, ${timestamp}): int`,
    (from: Date, to: Date) => BigInt(yearsBetween(dayOf(from, zone), dayOf(to, zone))),
  ],
  [
    `years(string, ${timestamp}): int`,
    (from: string, to: Date) => BigInt(yearsBetween(readDate(from, ['iso'], zone).day(), dayOf(to, zone))),
  ],
]

/** A CEL environment with the variables and functions of claim rules; days and hours are those of a time zone. */
export function claimEnvironment(zone: string): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 300, maxDepth: 24 },
  })
  environment.registerType('LongText', { ctor: LongText, fields: {} })
  for (const name of roots) {
    if (name === 'session') environment.registerVariable({ name, schema: sessionMembers })
    else environment.registerVariable(name, 'map<string, dyn>')
  }
  environment.registerVariable('now', timestamp)
  for (const [signature, handler] of ours(zone)) environment.registerFunction(signature, handler, { async: false })
  return environment
}

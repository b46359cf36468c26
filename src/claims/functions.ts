import { RE2JS } from '@bufbuild/re2'
import { Environment } from '@marcbachmann/cel-js'
import { DataUri, LimitError } from './cel-values.ts'
import { limits } from './fit.ts'
import { sessionMembers } from './short-form.ts'

const timestamp = 'google.protobuf.Timestamp'

// Patterns stand in the expression (guards.ts), so there are few of them.
const patterns = new Map<string, RE2JS>()

/** A compiled RE2 pattern: its time is linear in the text. Throws if it is none. */
export function pattern(text: string): RE2JS {
  const known = patterns.get(text)
  if (known) return known
  if (patterns.size >= 1000) patterns.clear()
  const compiled = new RE2JS(text)
  patterns.set(text, compiled)
  return compiled
}

const boundText = (length: number) => {
  if (length > limits.characters) throw new LimitError(`A text has at most ${limits.characters} characters.`)
}

/** Every occurrence of `search`, or the first `count` of them (a negative count means all). */
function replace(text: string, search: string, by: string, count = -1n): string {
  if (search === '') throw new LimitError('replace looks for at least one character.')
  const parts = text.split(search)
  const times = count < 0n ? parts.length - 1 : Math.min(parts.length - 1, Number(count))
  boundText(text.length + times * (by.length - search.length))
  return [...parts.slice(0, times).map((part) => part + by), parts.slice(times).join(search)].join('')
}

function split(text: string, separator: string, count = -1n): string[] {
  if (count === 0n) return []
  const parts = text.split(separator)
  const most = count < 0n ? parts.length : Math.min(parts.length, Number(count))
  if (most > limits.items) throw new LimitError(`A list has at most ${limits.items} items.`)
  return [...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)]
}

function join(parts: unknown[], separator = ''): string {
  const length = parts.reduce((sum: number, part) => {
    if (typeof part !== 'string') throw new TypeError('join takes a list of strings.')
    return sum + part.length + separator.length
  }, -separator.length)
  boundText(length)
  return parts.join(separator)
}

/** Methods of the library that know no limit, and the name of ours that stands in for each. */
export const substitutes: ReadonlyMap<string, string> = new Map([
  ['matches', 'matchesRe2'],
  ['split', 'splitWithin'],
  ['join', 'joinWithin'],
])

const ours: [signature: string, handler: (...values: never[]) => unknown, description: string][] = [
  [
    'string.matchesRe2(string): bool',
    (text: string, re: string) => pattern(re).test(text),
    'Whether an RE2 pattern occurs.',
  ],
  ['string.splitWithin(string): list<string>', split, 'The parts between a separator.'],
  ['string.splitWithin(string, int): list<string>', split, 'At most so many parts; the last one holds the rest.'],
  ['list<string>.joinWithin(): string', join, 'All strings of a list in a row.'],
  ['list<string>.joinWithin(string): string', join, 'All strings of a list with a separator between.'],
  ['string.replace(string, string): string', replace, 'Every occurrence of the first text replaced by the second.'],
  ['string.replace(string, string, int): string', replace, 'The first so many occurrences replaced.'],
  ['string.charAt(int): string', (text: string, at: bigint) => text.charAt(Number(at)), 'One character, or nothing.'],
  [`string(${timestamp}): string`, (moment: Date) => moment.toISOString(), 'A moment as RFC 3339 writes it, in UTC.'],
  [
    `date(${timestamp}): string`,
    (moment: Date) => moment.toISOString().slice(0, 10),
    'The day of a moment, YYYY-MM-DD, in UTC.',
  ],
]

/** A CEL environment with the variables and functions of claim rules. */
export function claimEnvironment(): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 300, maxDepth: 24 },
  })
  environment.registerType('DataUri', { ctor: DataUri, fields: {} })
  for (const name of ['id_token', 'userinfo', 'user', 'offer', 'source'])
    environment.registerVariable(name, 'map<string, dyn>')
  environment.registerVariable({ name: 'session', schema: sessionMembers })
  environment.registerVariable('now', timestamp)
  for (const [signature, handler, description] of ours) {
    environment.registerFunction(signature, handler, { description, async: false })
  }
  return environment
}

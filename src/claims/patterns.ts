import { RE2JS } from 're2js'
import { Unusable } from './unusable.ts'

// Patterns stand in the rules, so there are few of them.
const patterns = new Map<string, RE2JS>()
const largest = 500

/** A compiled RE2 pattern: its time is linear in the text. Throws `Unusable` if it is none, or one that takes long by its size alone. */
function compile(text: string): RE2JS {
  const known = patterns.get(text)
  if (known) return known
  if (patterns.size >= 1000) patterns.clear()
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(text)
  } catch {
    throw new Unusable('This is no regular expression of RE2.')
  }
  if (compiled.programSize() > largest) throw new Unusable('This regular expression is too large.')
  patterns.set(text, compiled)
  return compiled
}

/** What is wrong with a pattern; undefined for a good one. */
export function patternMistake(text: string): string | undefined {
  try {
    compile(text)
    return undefined
  } catch (error) {
    if (error instanceof Unusable) return error.message
    throw error
  }
}

/** Letters times instructions that the patterns of one evaluation may take: less than a quarter of a second. */
const most = 2_000_000
let left = most
/** An evaluation begins. It never waits for anything, so one count is enough. */
export const countPatterns = (): void => {
  left = most
}

function counted(text: string, re: string): RE2JS {
  const compiled = compile(re)
  left -= (text.length + 1) * compiled.programSize()
  if (left < 0) throw new Unusable('The patterns have too much text to go through.')
  return compiled
}

export const matches = (text: string, re: string): boolean => counted(text, re).test(text)

/** What the first group of the pattern caught, or all that matched if it has none; undefined if it does not occur. */
export function extract(text: string, re: string): string | undefined {
  const compiled = counted(text, re)
  // Whether it occurs is told many times faster than where.
  if (!compiled.test(text)) return undefined
  const matcher = compiled.matcher(text)
  if (!matcher.find()) return undefined
  return matcher.group(matcher.groupCount() > 0 ? 1 : 0) ?? undefined
}

import type { PlannedClaim } from '../claims/evaluate.ts'
import { type Read, readsOfSource } from '../claims/reads.ts'
import { pathText } from '../claims/source-names.ts'
import { didYouMean } from '../lib/nearest.ts'

const elsewhere = ['id_token', 'userinfo', 'user', 'offer'] as const

function suggestionFor({ root, steps }: Read, names: readonly string[], others: readonly string[]): string | undefined {
  const member = steps.filter((step) => !/^\d+$/.test(step)) // `emails[0]` is looked for as `emails`
  const text = pathText(root, member)
  const isThere = names.some((name) => name === text || name.startsWith(`${text}.`) || name.startsWith(`${text}[`))
  if (isThere || member.length === 0) return undefined
  const same = elsewhere.map((other) => pathText(other, member)).find((other) => names.includes(other))
  if (same !== undefined) return `${text} is not there, but ${same} is.`
  const meantOf = (known: readonly string[]) => {
    const near = known.filter((name) => name.startsWith(`${root}.`)).map((name) => name.slice(root.length + 1))
    return didYouMean(member.join('.'), near, (name) => `${root}.${name}`)
  }
  const isOthers = others.includes(text) // other people have it: the name is right
  const meant = meantOf(names) || (isOthers ? '' : meantOf(others))
  return meant === '' ? undefined : `${text} is not there.${meant}`
}

/** For a claim without a value: which of the names that there are, or that others had, its rule may have meant, as a sentence. */
export function suggestName(
  { byProvider, ...common }: PlannedClaim,
  provider: string | undefined,
  names: readonly string[],
  others: readonly string[],
): string | undefined {
  const { source } = (provider === undefined ? undefined : byProvider.get(provider)) ?? common
  return readsOfSource(source)
    .filter(({ root }) => root !== 'session')
    .map((read) => suggestionFor(read, names, others))
    .find((suggestion) => suggestion !== undefined)
}

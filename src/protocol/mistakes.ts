import type { z } from 'zod'
import { didYouMean } from '../lib/nearest.ts'
import type { Mistake } from './errors.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** An RFC 6901 JSON Pointer to a member. */
export const pointerTo = (path: Path): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** The steps of an RFC 6901 JSON Pointer. */
export const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

const noSuchSetting = 'There is no such setting here.'
/** For a strict object: says of each member that it does not know which one was probably meant. `mistakesOf` takes the lines apart. */
export const meantSetting =
  (known: readonly string[]) =>
  (issue: { code?: string; keys?: readonly string[] }): string | undefined =>
    issue.code === 'unrecognized_keys'
      ? issue.keys?.map((key) => noSuchSetting + didYouMean(key, known)).join('\n')
      : undefined

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)

/** The form that was meant: the one whose mistakes lie deepest; if none is deeper than the value itself, nobody can tell. */
function meant(forms: readonly Issue[][]): Issue[] | undefined {
  const depth = (form: Issue[]) => Math.max(...form.map(({ path }) => path.length))
  const deepest = forms.toSorted((a, b) => depth(b) - depth(a))[0]
  return deepest && depth(deepest) > 0 ? deepest : undefined
}

function plain(issue: Issue): string {
  if (issue.code === 'invalid_type') {
    if (/received undefined$/.test(issue.message)) return 'This is required.'
    if (/^Invalid input/.test(issue.message))
      return `This must be ${/^[aio]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}.`
  }
  if (issue.code === 'invalid_value' && /^Invalid/.test(issue.message))
    return `This must be ${issue.values
      .map(String)
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1')}.`
  return sentence(issue.message)
}

function flatten(issue: Issue, above: Path): Mistake[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    const hints = issue.message.startsWith(noSuchSetting) ? issue.message.split('\n') : []
    return issue.keys.map((key, at) => ({ pointer: pointerTo([...path, key]), detail: hints[at] ?? noSuchSetting }))
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element')
    return issue.issues.flatMap((inner) => flatten(inner, path))
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const form = meant(issue.errors)
    if (form) return form.flatMap((inner) => flatten(inner, path))
    const wishes = issue.errors.flatMap((errors) => errors.map(plain))
    return [{ pointer: pointerTo(path), detail: [...new Set(wishes)].join(' Or: ') }]
  }
  return [{ pointer: pointerTo(path), detail: plain(issue) }]
}

/** Every mistake a schema found, each with a pointer and a sentence that repeats no value. */
export const mistakesOf = (error: z.ZodError): Mistake[] => error.issues.flatMap((issue) => flatten(issue, []))

/** A name that leads nowhere, and those that would. */
export const notInFile = (kind: string, name: string, known: readonly string[]): string =>
  `There is no ${kind} ${name} in this file${known.length > 0 ? `; there is ${known.join(', ')}` : ''}.`

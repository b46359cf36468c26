import { didYouMean } from '../lib/nearest.ts'
import type { Sources } from '../model/claim-mapping.ts'

/** What rules may read, in the order in which it is told to administrators. */
export const roots = ['id_token', 'userinfo', 'user', 'offer', 'source', 'session'] as const
export type Root = (typeof roots)[number]

/** The members of `session` with their CEL types; the other roots hold whatever their source says. */
export const sessionMembers = {
  identity_provider: 'string',
  acr: 'string',
  amr: 'list<string>',
  auth_time: 'int',
} as const

/** A compiled path of the short form. `text` is what the administrator wrote; it names the origin of a claim. */
export type ShortPath = { text: string; root: Root; steps: readonly string[] }
/** What is wrong with a path or an expression, and where in it (1 is its first character); `hint`: what was probably meant. */
export type Fault = { detail: string; column: number; hint?: string }

const step = /\.([^.[\]"'\s]+)|\["((?:[^"\\]|\\["\\])+)"\]|\[(\d{1,3})\]/y
const isRoot = (word: string): word is Root => (roots as readonly string[]).includes(word)

/**
 * Compiles a path such as `id_token.address.country`, `userinfo.emails[0]` or `id_token["https://acme.example/role"]`.
 * Answers the path, or what is wrong with it and where.
 */
export function parseShortPath(text: string): ShortPath | Fault {
  const root = /^\w*/.exec(text)?.[0] ?? ''
  if (!isRoot(root)) {
    const beginnings = `A path begins with ${roots.slice(0, -1).join(', ')} or ${roots.at(-1)}.`
    return { detail: beginnings + didYouMean(root, roots, (name) => name + text.slice(root.length)), column: 1 }
  }
  const steps: string[] = []
  step.lastIndex = root.length
  while (step.lastIndex < text.length) {
    const start = step.lastIndex
    const [, name, quoted, index] = step.exec(text) ?? []
    const next = name ?? quoted?.replaceAll(/\\(["\\])/g, '$1') ?? index
    if (next === undefined) {
      return { detail: `A path goes on with .name, ["name"] or [0] (column ${start + 1}).`, column: start + 1 }
    }
    steps.push(next)
  }
  const [first] = steps
  if (first === undefined) return { detail: `The path needs the name of a claim after ${root}.`, column: text.length }
  if (root === 'source' && steps.length < 2)
    return { detail: 'After source come the name of a claim source and the name of a member.', column: text.length }
  if (root === 'session' && !Object.hasOwn(sessionMembers, first)) {
    const members = Object.keys(sessionMembers)
    const meant = didYouMean(first, members, (name) => `session.${name}`)
    return { detail: `session has ${members.join(', ')} only.${meant}`, column: root.length + 1 }
  }
  return { text, root, steps }
}

/** What the sources hold at a path: own members and list items only; undefined if there is nothing. */
export function readShortPath(path: ShortPath, sources: Sources): unknown {
  let value: unknown = sources[path.root]
  for (const name of path.steps) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    // A list has its length as an own member, too.
    if (Array.isArray(value) && name === 'length') return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** What counts as nothing: the next path is tried, an optional claim is left out, a mandatory one is missing. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

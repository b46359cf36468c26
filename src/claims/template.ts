import type { Sources } from '../model/claim-mapping.ts'
import { type Fault, isEmpty, parseShortPath, readShortPath, roots, type ShortPath } from './short-form.ts'

/** Literal texts, and the paths between them. */
export type Parts = readonly (string | ShortPath)[]
export type Scalar = string | number | boolean

const placeholder = /\{([^{}]*)\}/g
const readable = roots.filter((root) => root !== 'source')
const longest = 1000

export const isFault = (parsed: Parts | ShortPath | Fault): parsed is Fault => 'detail' in parsed

/** The literal texts and the paths of a template. A brace is always a placeholder's. */
export function parseTemplate(text: string): Parts | Fault {
  const parts: (string | ShortPath)[] = []
  let end = 0
  const literal = (until: number): Fault | undefined => {
    const part = text.slice(end, until)
    const brace = /[{}]/.exec(part)
    if (brace)
      return { detail: 'A brace is that of a placeholder, such as {id_token.sub}.', column: end + brace.index + 1 }
    parts.push(part)
    return undefined
  }
  for (const match of text.matchAll(placeholder)) {
    const stray = literal(match.index)
    if (stray) return stray
    const [whole, inside = ''] = match
    const column = match.index + 2
    if (/^source\b/.test(inside)) return { detail: 'A claim source reads no other claim source.', column }
    if (!readable.some((root) => new RegExp(`^${root}\\b`).test(inside)))
      return { detail: `A placeholder begins with ${readable.slice(0, -1).join(', ')} or ${readable.at(-1)}.`, column }
    const path = parseShortPath(inside)
    if (isFault(path)) return { detail: path.detail, column: column + path.column - 1 }
    parts.push(path)
    end = match.index + whole.length
  }
  return literal(text.length) ?? parts
}

/** What a template reads. */
export const pathsOf = (parts: Parts): ShortPath[] => parts.filter((part) => typeof part !== 'string')

/** What may stand in a question: a text of bearable length, a number, true or false. All else counts as empty. */
export function scalarAt(path: ShortPath, sources: Sources): Scalar | undefined {
  const value = readShortPath(path, sources)
  if (isEmpty(value)) return undefined
  if (typeof value === 'string') return value.length <= longest && value.isWellFormed() ? value : undefined
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  return typeof value === 'boolean' ? value : undefined
}

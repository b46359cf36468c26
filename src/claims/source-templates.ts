import type { Sources } from '../model/claim-mapping.ts'
import type { ClaimSource } from '../model/claim-source.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'
import type { Fault, ShortPath } from './short-form.ts'
import { isFault, parseTemplate, pathsOf, scalarAt } from './template.ts'
import { fillUrl, urlFault } from './url-template.ts'

/** What a claim source is asked for one person. */
export type SourceQuestion = { url: URL; body: string | undefined }
/** The templates of a claim source, compiled: what they read, and the question they make; undefined where a placeholder is empty. */
export type Templates = { reads: readonly ShortPath[]; fill(sources: Sources): SourceQuestion | undefined }

/** JSON whose texts are templates: a text that is one placeholder and no more becomes its value, of its own type. */
function compileBody(
  body: unknown,
  pointer: readonly (string | number)[],
  report: (pointer: readonly (string | number)[], fault: Fault) => void,
): { reads: ShortPath[]; fill(sources: Sources): unknown } {
  if (typeof body === 'string') {
    const parts = parseTemplate(body)
    if (isFault(parts)) report(pointer, parts)
    const sound = isFault(parts) ? [] : parts.filter((part) => part !== '')
    const values = (sources: Sources) =>
      sound.map((part) => (typeof part === 'string' ? part : scalarAt(part, sources)))
    return {
      reads: pathsOf(sound),
      fill: (sources) => {
        const filled = values(sources)
        if (filled.includes(undefined)) return undefined
        return filled.length === 1 ? filled[0] : filled.join('')
      },
    }
  }
  if (typeof body !== 'object' || body === null) return { reads: [], fill: () => body }
  const members = Object.entries(body).map(
    ([name, member]) => [name, compileBody(member, [...pointer, name], report)] as const,
  )
  return {
    reads: members.flatMap(([, { reads }]) => reads),
    fill: (sources) => {
      const filled = members.map(([name, member]) => [name, member.fill(sources)] as const)
      if (filled.some(([, value]) => value === undefined)) return undefined
      return Array.isArray(body) ? filled.map(([, value]) => value) : Object.fromEntries(filled)
    },
  }
}

/**
 * Compiles the templates of a claim source, or answers every mistake in them, with pointers that begin at the source. Whatever the
 * sources hold, the question goes to the host and along the path that the template names.
 */
export function compileTemplates({
  url,
  body,
}: Pick<ClaimSource, 'url' | 'body'>): Templates | { mistakes: Mistake[] } {
  const mistakes: Mistake[] = []
  const report = (path: readonly (string | number)[], { detail, column }: Fault) =>
    mistakes.push({ pointer: pointerTo(path), detail, column })
  const parts = parseTemplate(url)
  const wrong = isFault(parts) ? parts : urlFault(url, parts)
  if (wrong) report(['url'], wrong)
  const filled = compileBody(body, ['body'], report)
  if (isFault(parts) || mistakes.length > 0) return { mistakes }
  return {
    reads: [...pathsOf(parts), ...filled.reads],
    fill(sources) {
      const address = fillUrl(parts, sources)
      if (body === undefined || !address) return address && { url: address, body: undefined }
      const value = filled.fill(sources)
      return value === undefined ? undefined : { url: address, body: JSON.stringify(value) }
    },
  }
}

import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Mistake } from '../protocol/errors.ts'
import { stepsOf } from '../protocol/mistakes.ts'

/** A mistake in a file: `field` is an RFC 6901 pointer, line and column begin at 1. */
export type FileMistake = { file: string; line: number; column: number; field: string; detail: string }

/** A file that could be read: what it says, and where in it a field stands. */
export type YamlFile = { raw: unknown; locate: (mistake: Mistake) => FileMistake }

const largest = 1024 * 1024

const keyText = (key: unknown): string => String(isScalar(key) ? key.value : key)

/** The node at the end of the steps, or the last there is on the way; `at` is where it begins, its key if it has one. */
function find(document: Document, steps: readonly string[]): { at: number; node: Node | null } {
  let node: Node | null = document.contents
  let at = node?.range?.[0] ?? 0
  for (const step of steps) {
    const holder: unknown = isAlias(node) ? node.resolve(document) : node
    if (isMap(holder)) {
      const pair = holder.items.find(({ key }) => keyText(key) === step)
      if (!pair) break
      at = (pair.key as Node | null)?.range?.[0] ?? at
      node = pair.value as Node | null
    } else if (isSeq(holder)) {
      const item = holder.items[Number(step)] as Node | undefined
      if (!item) break
      at = item.range?.[0] ?? at
      node = item
    } else break
  }
  return { at, node }
}

/** Where a mistake inside a text lies: plain and quoted texts on one line can be counted through, others only named. */
function within(source: string, node: Node | null, column: number | undefined): number | undefined {
  if (column === undefined || !isScalar(node) || typeof node.value !== 'string' || !node.range) return undefined
  const [start, end] = node.range
  const written = source.slice(start, end)
  if (written.includes('\n') || written.startsWith('|') || written.startsWith('>')) return undefined
  return start + (/^["']/.test(written) ? 1 : 0) + column - 1
}

/** Members that no object may be given: a schema would pass over them in silence. */
function forbidden(value: unknown, pointer = ''): Mistake[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, entry]) => {
    const here = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return key === '__proto__' ? [{ pointer: here, detail: 'There is no such setting here.' }] : forbidden(entry, here)
  })
}

/**
 * Reads YAML 1.2 (or JSON) and remembers where everything stands. Answers every mistake of the syntax with its line: repeated keys,
 * unknown tags, aliases that multiply, more than one document, more than 1 MiB.
 */
export function readYaml(text: string, file: string): YamlFile | { mistakes: FileMistake[] } {
  const lines = new LineCounter()
  const mistake = (at: number, field: string, detail: string): FileMistake => {
    const { line, col } = lines.linePos(at)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), field, detail }
  }
  if (Buffer.byteLength(text) > largest) return { mistakes: [mistake(0, '', 'The file is larger than 1 MiB.')] }
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0)
    return { mistakes: faults.map(({ pos, message }) => mistake(pos[0], '', `${message.replace(/\.$/, '')}.`)) }
  const locate = ({ pointer, detail, column }: Mistake): FileMistake => {
    const { at, node } = find(document, stepsOf(pointer))
    return mistake(within(text, node, column) ?? at, pointer, detail)
  }
  try {
    const raw: unknown = document.toJS({ maxAliasCount: 100 })
    const refused = forbidden(raw)
    return refused.length > 0 ? { mistakes: refused.map(locate) } : { raw, locate }
  } catch {
    return { mistakes: [mistake(0, '', 'The aliases of this file cannot be resolved.')] }
  }
}

/** One line for people: `tenant.yaml:12:7 /issuers/staff/grants This is required.` */
export const mistakeLine = ({ file, line, column, field, detail }: FileMistake): string =>
  `${file}:${line}:${column} ${field ? `${field} ` : ''}${detail}`

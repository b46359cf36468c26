import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'

const reference = /\$\{([A-Za-z]+):([^{}]*)\}/g
const longest = 65_536

/** Where references are looked up: the environment and the folder of the file that holds them. */
export type Surroundings = { environment: Readonly<Record<string, string | undefined>>; folder: string }

/** A copy of plain JSON in which each text is what `change` makes of it. An expression is code and is left as it is. */
function mapTexts(value: unknown, path: readonly string[], change: (text: string, pointer: string) => string): unknown {
  if (typeof value === 'string') return path.at(-1) === 'cel' ? value : change(value, pointerTo(path))
  if (Array.isArray(value)) return value.map((entry, index) => mapTexts(entry, [...path, String(index)], change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapTexts(entry, [...path, key], change)]))
}

function readText(file: string): string {
  const text = readFileSync(file, 'utf8')
  if (text.length > longest) throw Object.assign(new Error('too large'), { code: 'EFBIG' })
  return text.replace(/\r?\n$/, '')
}

/**
 * Puts in what the command line knows: `${env:NAME}` from its environment, `${file:PATH}` from a file beside the tenant file.
 * `${secret:NAME}` stays for the node. `references` has each text that held one, by pointer, so that it can be written back.
 */
export function resolveReferences(raw: unknown, { environment, folder }: Surroundings) {
  const mistakes: Mistake[] = []
  const references: Record<string, string> = {}
  const resolved = mapTexts(raw, [], (text, pointer) =>
    text.replace(reference, (whole, kind: string, name: string) => {
      references[pointer] = text
      if (kind === 'secret') {
        if (!isSecretName(name))
          mistakes.push({ pointer, detail: 'The name of a secret is letters, digits, dots, underscores and hyphens.' })
      } else if (kind === 'env') {
        const value = environment[name]
        if (value) return value
        mistakes.push({ pointer, detail: `The environment variable ${name} is not set.` })
      } else if (kind === 'file') {
        try {
          return readText(resolve(folder, name))
        } catch (error) {
          mistakes.push({
            pointer,
            detail: `The file ${name} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
          })
        }
      } else
        mistakes.push({ pointer, detail: `A reference is \${env:…}, \${file:…} or \${secret:…}, not \${${kind}:…}.` })
      return whole
    }),
  )
  return { resolved, references, mistakes }
}

/** A name that cannot leave its folder. */
export const isSecretName = (name: string): boolean => /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/.test(name)

/** The references that only the command line resolves: a node refuses them, or its environment could be read out through the API. */
export function refuseReferences(raw: unknown): Mistake[] {
  const mistakes: Mistake[] = []
  mapTexts(raw, [], (text, pointer) => {
    const kinds = [...text.matchAll(reference)].map((match) => match[1] ?? '').filter((kind) => kind !== 'secret')
    if (kinds[0])
      mistakes.push({
        pointer,
        detail: `A node does not resolve \${${kinds[0]}:…}; the command line does, before it sends the file.`,
      })
    return text
  })
  return mistakes
}

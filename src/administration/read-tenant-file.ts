import type { TenantFile, WrittenTenantFile } from '../model/tenant.ts'
import { checkTenant } from './check-tenant.ts'
import { type FileMistake, readYaml } from './read-yaml.ts'
import { resolveReferences, type Surroundings } from './resolve-references.ts'

/** A tenant file without mistakes. `raw` is what it says with references resolved, `references` what stood there, by pointer. */
export type ReadTenantFile = { file: TenantFile; raw: WrittenTenantFile; references: Record<string, string> }

/**
 * Reads a tenant file where the command line runs: YAML, references, schemas, and what schemas cannot see.
 * Answers every mistake with its file, line, column and field, in the order of the file.
 */
export function readTenantFile(
  text: string,
  fileName: string,
  { demo, now, tests, ...surroundings }: Surroundings & { demo: boolean; now: Date; tests?: boolean },
): ReadTenantFile | { mistakes: FileMistake[] } {
  const yaml = readYaml(text, fileName)
  if ('mistakes' in yaml) return yaml
  const { resolved, references, mistakes } = resolveReferences(yaml.raw, surroundings)
  const checked = checkTenant(resolved, { demo, now, ...(tests !== undefined && { tests }) })
  if ('file' in checked && mistakes.length === 0) return { file: checked.file, raw: checked.written, references }
  // What an unresolved reference would have said cannot be judged: one mistake a field is enough.
  const unresolved = new Set(mistakes.map(({ pointer }) => pointer))
  const others = 'mistakes' in checked ? checked.mistakes.filter(({ pointer }) => !unresolved.has(pointer)) : []
  const inOrder = (a: FileMistake, b: FileMistake) => a.line - b.line || a.column - b.column
  return { mistakes: [...mistakes, ...others].map(yaml.locate).toSorted(inOrder) }
}

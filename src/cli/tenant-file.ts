import { dirname } from 'node:path'
import { type ReadTenantFile, readTenantFile } from '../administration/read-tenant-file.ts'
import { mistakeLine } from '../administration/read-yaml.ts'
import { Failure, textOf } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** Reads and checks a tenant file, or fails with every mistake, a line each. */
export async function loadTenantFile(
  terminal: Terminal,
  file: string,
  checks: { demo: boolean; tests?: boolean },
): Promise<ReadTenantFile> {
  const { environment, now } = terminal
  const read = readTenantFile(await textOf(file), file, { environment, folder: dirname(file), now: now(), ...checks })
  if ('file' in read) return read
  const count = read.mistakes.length
  throw new Failure([...read.mistakes.map(mistakeLine), count === 1 ? '1 mistake.' : `${count} mistakes.`])
}

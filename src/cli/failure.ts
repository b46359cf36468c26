import { readFile } from 'node:fs/promises'
import { ConfigError } from '../config.ts'
import { ProtocolError } from '../protocol/errors.ts'

/** The command could not do what it was asked; each line is for a person. Exit code 1. */
export class Failure extends Error {
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.name = 'Failure'
    this.lines = lines
  }
}

/** The text of a file that was named on the command line. */
export const textOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Failure([`${file} cannot be read (${error.code}).`])
  })

/** What the operating system or a database said, such as EADDRINUSE; codes that begin with ERR_ are Node's and mean a bug. */
const fromOutside = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && /^(?!ERR_)[A-Z]/.test(String((error as { code?: unknown }).code ?? ''))

/** What a person is told of an error; undefined: it is a bug, and the stack is what helps. */
export function linesOf(error: unknown): readonly string[] | undefined {
  if (error instanceof Failure) return error.lines
  if (error instanceof ConfigError) return error.mistakes.map(({ name, detail }) => `${name} ${detail}.`)
  if (error instanceof ProtocolError) {
    const cause = fromOutside(error.cause) ? linesOf(error.cause) : undefined
    return [error.message, ...error.mistakes.map(({ pointer, detail }) => `${pointer} ${detail}`), ...(cause ?? [])]
  }
  if (!fromOutside(error)) return undefined
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === 'EADDRINUSE')
    return [`Something listens at ${address} port ${port} already. PORT and CLAIMGATE_DEMO_PORT choose other ports.`]
  return [error.message.includes(error.code) ? error.message : `${error.message} (${error.code})`]
}

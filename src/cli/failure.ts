import { readFile } from 'node:fs/promises'

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

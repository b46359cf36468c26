import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { apply } from './apply.ts'
import { deferred } from './deferred.ts'
import { linesOf } from './failure.ts'
import { keysList, keysRotate } from './keys-rotate.ts'
import { migrate } from './migrate.ts'
import { offerCreate } from './offer-create.ts'
import { offerShow } from './offer-show.ts'
import { presetsCommand } from './presets.ts'
import { preview } from './preview.ts'
import { proposeCommand } from './propose.ts'
import { sessionShow } from './session-show.ts'
import { start } from './start.ts'
import { status } from './status.ts'
import type { Terminal } from './terminal.ts'
import { test } from './test.ts'
import { testSignIn } from './test-sign-in.ts'
import { validate } from './validate.ts'

const version = (): string => JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version

/** Every subcommand inherits how output is written and that nothing ends the process. */
function program(terminal: Terminal): Command {
  const offer = new Command('offer').description('credential offers, through the API of a node')
  offer.addCommand(offerCreate(terminal)).addCommand(offerShow(terminal))
  const keys = new Command('keys').description('signing keys, through the API of a node')
  keys.addCommand(keysRotate(terminal)).addCommand(keysList(terminal))
  const root = new Command('claimgate')
    .description('Issue verifiable credentials into any OpenID4VCI wallet.')
    .version(version())
  for (const command of [start, migrate, apply, validate, test]) root.addCommand(command(terminal))
  root.addCommand(keys)
  root.addCommand(offer)
  const session = new Command('session').description('the traces of issuances, through the API of a node')
  root.addCommand(session.addCommand(sessionShow(terminal)))
  const others = [deferred, status, presetsCommand, proposeCommand, preview, testSignIn]
  for (const command of others) root.addCommand(command(terminal))
  const settle = (command: Command): void => {
    command.exitOverride().showHelpAfterError('(add --help for what can be said here)')
    command.configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.note(text.trimEnd()),
    })
    for (const sub of command.commands) settle(sub)
  }
  settle(root)
  return root
}

/**
 * Runs one command line. Answers the exit code: 0 done, 1 it could not be done and the reasons were noted, 2 it was not
 * understood.
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await program(terminal).parseAsync(words, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const lines = linesOf(error)
    terminal.note(lines ? lines.join('\n') : String(error instanceof Error ? error.stack : error))
    return 1
  }
}

import { Command } from 'commander'
import { readConfig } from '../config.ts'
import type { Terminal } from './terminal.ts'

/** `claimgate migrate`: brings the database up to this version, while other nodes run. */
export const migrate = (terminal: Terminal): Command =>
  new Command('migrate')
    .description('bring the database up to this version')
    .option('--demo', "the demo's database")
    .action(async ({ demo = false }: { demo?: boolean }) => {
      const config = readConfig(terminal.environment, { demo })
      const assembly = await import('../assemble.ts')
      await assembly.migrate(config)
      terminal.print('The database is up to date.')
    })

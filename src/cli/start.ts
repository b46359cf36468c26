import { Command } from 'commander'
import { readConfig } from '../config.ts'
import type { Terminal } from './terminal.ts'

/** `claimgate start [--demo]`: runs a node until a signal stops it. */
export const start = (terminal: Terminal): Command =>
  new Command('start')
    .description('run a node')
    .option('--demo', 'with the demo tenant, its accounts and keys; open to every wallet, for this machine only')
    .action(async ({ demo = false }: { demo?: boolean }) => {
      const config = readConfig(terminal.environment, { demo })
      const { runNode } = await import('../main.ts')
      await runNode(config)
    })

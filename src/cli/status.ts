import { Command } from 'commander'
import { statusList } from './status-list.ts'
import { statusSet, statusSetAll } from './status-set.ts'
import type { Terminal } from './terminal.ts'

/** `claimgate status`: what becomes of credentials after they were issued. */
export const status = (terminal: Terminal): Command =>
  new Command('status')
    .description('suspend and revoke credentials, through the API of a node')
    .addCommand(statusSet(terminal))
    .addCommand(statusSetAll(terminal))
    .addCommand(statusList(terminal))

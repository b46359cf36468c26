import { Argument, Command } from 'commander'
import { z } from 'zod'
import {
  Credential,
  credentialsOf,
  type FilterOptions,
  filterOf,
  line,
  read,
  statuses,
  withFilter,
} from './credential-filter.ts'
import { Failure } from './failure.ts'
import { issuerArgument } from './parse-option.ts'
import { connect, type Terminal } from './terminal.ts'

type Name = [tenant: string, issuer: string]
type Options = { reason?: string; until?: string; json?: true }

const newStatus = () => new Argument('<status>', 'invalid is final: it revokes').choices(statuses)
const withReason = (command: Command): Command =>
  command
    .option('--reason <text>', 'for administrators; no wallet or verifier is told')
    .option('--until <moment>', 'when a suspension ends by itself, such as 2026-12-31T00:00:00Z')
    .option('--json', "print the API's answer")

const bodyOf = (status: string, { reason, until }: Options) => ({
  status,
  ...(reason !== undefined && { reason }),
  ...(until !== undefined && { until }),
})

/** `claimgate status set TENANT/ISSUER ID valid|suspended|invalid`. */
export const statusSet = (terminal: Terminal): Command =>
  withReason(
    new Command('set')
      .description('suspend a credential, lift its suspension, or revoke it')
      .addArgument(issuerArgument())
      .argument('<id>', 'the id that `status list` shows')
      .addArgument(newStatus()),
  ).action(async (name: Name, id: string, status: string, options: Options) => {
    const path = [...credentialsOf(name), id, 'status']
    const answer = await connect(terminal).call('PUT', path, bodyOf(status, options))
    terminal.print(options.json ? JSON.stringify(answer, null, 2) : line(read(Credential, answer)))
  })

const Counts = z.looseObject({ matched: z.number(), changed: z.number(), remaining: z.number() })

/** `claimgate status set-all TENANT/ISSUER valid|suspended|invalid`: one request after the other until nothing is left. */
export const statusSetAll = (terminal: Terminal): Command =>
  withReason(
    withFilter(
      new Command('set-all')
        .description('the same for all credentials that the options choose')
        .addArgument(issuerArgument())
        .addArgument(newStatus())
        .option('--dry-run', 'only say how many'),
    ),
  ).action(async (name: Name, status: string, options: Options & FilterOptions & { dryRun?: true }) => {
    const filter = filterOf(options)
    if (Object.keys(filter).length === 0)
      throw new Failure(['Say which credentials: at least one of the options, such as --with-status valid.'])
    const body = { ...bodyOf(status, options), filter, ...(options.dryRun && { dry_run: true }) }
    const [client, path] = [connect(terminal), [...credentialsOf(name), 'status']]
    let [answer, changed] = [read(Counts, await client.call('PUT', path, body)), 0]
    const { matched } = answer
    changed += answer.changed
    while (!options.dryRun && answer.remaining > 0 && answer.changed > 0) {
      answer = read(Counts, await client.call('PUT', path, body))
      changed += answer.changed
    }
    const said = options.dryRun
      ? `${matched} credentials match; ${answer.remaining} of them would become ${status}.`
      : `${matched} credentials match; ${changed} of them became ${status}.`
    terminal.print(options.json ? JSON.stringify({ ...answer, matched, changed }, null, 2) : said)
  })

import { Command } from 'commander'
import { z } from 'zod'
import { Credential, credentialsOf, type FilterOptions, filterOf, line, read, withFilter } from './credential-filter.ts'
import { issuerArgument } from './parse-option.ts'
import { connect, type Terminal } from './terminal.ts'

const List = z.looseObject({ credentials: z.array(Credential), next_cursor: z.string().optional() })

/** `claimgate status list TENANT/ISSUER`: the newest first. */
export const statusList = (terminal: Terminal): Command =>
  withFilter(
    new Command('list')
      .description('show the credentials of an issuer, in ids and states')
      .addArgument(issuerArgument())
      .option('--json', "print the API's answer"),
  ).action(async (name: [string, string], { json, ...options }: FilterOptions & { json?: true }) => {
    const client = connect(terminal)
    let cursor: string | undefined
    const all: Credential[] = []
    do {
      const query = { ...filterOf(options), limit: '100', ...(cursor !== undefined && { cursor }) }
      const page = read(List, await client.call('GET', credentialsOf(name), undefined, query))
      if (json) all.push(...page.credentials)
      else for (const credential of page.credentials) terminal.print(line(credential))
      cursor = page.next_cursor
    } while (cursor !== undefined)
    if (json) terminal.print(JSON.stringify({ credentials: all }, null, 2))
  })

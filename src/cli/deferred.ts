import { Command, Option } from 'commander'
import { z } from 'zod'
import { given } from './given.ts'
import { parseAnswer } from './parse-answer.ts'
import { issuerArgument } from './parse-option.ts'
import { connect, type Terminal } from './terminal.ts'

/** Loose: a newer node may say more. */
const Deferred = z.looseObject({
  id: z.string(),
  state: z.string(),
  credential_configuration_id: z.string(),
  session: z.string(),
  created_at: z.string(),
  expires_at: z.string(),
})
const List = z.looseObject({ deferred_credentials: z.array(Deferred), next_cursor: z.string().optional() })

const line = (one: z.infer<typeof Deferred>): string =>
  `${one.id} ${one.state}: ${one.credential_configuration_id}, asked for at ${one.created_at}, until ${one.expires_at} (${one.session})`

const read = <T>(schema: z.ZodType<T>, answer: unknown): T => parseAnswer(schema, answer, 'are no deferred credentials')

const states = ['waiting', 'approved', 'collected', 'refused', 'ended']
type Name = [tenant: string, issuer: string]
type Options = { state?: string; reason?: string; claims?: string; json?: true }

const pathOf = ([tenant, issuer]: Name) => ['tenants', tenant, 'issuers', issuer, 'deferred-credentials']

/** `claimgate deferred list TENANT/ISSUER`. */
const list = (terminal: Terminal): Command =>
  new Command('list')
    .description('show the credentials that wait for a decision')
    .addArgument(issuerArgument())
    .addOption(new Option('--state <state>', 'those that became something else').choices(states).default('waiting'))
    .option('--json', "print the API's answer")
    .action(async (name: Name, { state = 'waiting', json }: Options) => {
      const client = connect(terminal)
      const all: z.infer<typeof Deferred>[] = []
      let cursor: string | undefined
      do {
        const query = { state, limit: '100', ...(cursor !== undefined && { cursor }) }
        const page = read(List, await client.call('GET', pathOf(name), undefined, query))
        all.push(...page.deferred_credentials)
        cursor = page.next_cursor
      } while (cursor !== undefined)
      if (json) terminal.print(JSON.stringify({ deferred_credentials: all }, null, 2))
      else if (all.length > 0) terminal.print(all.map(line).join('\n'))
      else terminal.note(`There is none that is ${state}.`)
    })

const decide = (terminal: Terminal, word: string, decision: 'approved' | 'refused', description: string): Command =>
  new Command(word)
    .description(description)
    .addArgument(issuerArgument())
    .argument('<id>', 'the id that `deferred list` shows')
    .option('--reason <text>', 'for administrators; the wallet is not told')
    .option('--claims <file or json>', "the person's data, where the offer did not have it")
    .option('--json', "print the API's answer")
    .action(async (name: Name, id: string, { reason, claims, json }: Options) => {
      const brought = claims === undefined ? {} : { claims: await given(claims, '--claims') }
      const body = { decision, ...(reason !== undefined && { reason }), ...brought }
      const answer = await connect(terminal).call('PUT', [...pathOf(name), id, 'decision'], body)
      terminal.print(json ? JSON.stringify(answer, null, 2) : line(read(Deferred, answer)))
    })

/** `claimgate deferred`: what an administrator has to approve. */
export const deferred = (terminal: Terminal): Command =>
  new Command('deferred')
    .description('credentials that wait for a decision, through the API of a node')
    .addCommand(list(terminal))
    .addCommand(decide(terminal, 'approve', 'approved', 'let a wallet fetch the credential that it waits for'))
    .addCommand(decide(terminal, 'refuse', 'refused', 'refuse a credential, for good'))

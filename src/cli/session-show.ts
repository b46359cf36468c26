import { Command } from 'commander'
import { z } from 'zod'
import { parseAnswer } from './parse-answer.ts'
import { issuerArgument } from './parse-option.ts'
import { connect, type Terminal } from './terminal.ts'

/** Loose: a newer node may say more. */
const Step = z.looseObject({
  type: z.string(),
  at: z.string(),
  leg: z.string().default(''),
  reference: z.string().optional(),
  details: z.record(z.string(), z.unknown()).default({}),
  cause: z.string().optional(),
  fix: z.string().optional(),
})
const Session = z.looseObject({
  id: z.string().optional(),
  state: z.string().optional(),
  /** At the page of an offer there is no session yet. */
  offer: z.string().optional(),
  events: z.array(Step),
  unfinished: z.looseObject({ fault: z.string(), cause: z.string().optional(), fix: z.string().optional() }).optional(),
})

const facts = (details: Record<string, unknown>): string =>
  Object.entries(details)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')

const advice = ({ cause, fix }: { cause?: string | undefined; fix?: string | undefined }): string[] => [
  ...(cause === undefined ? [] : [`    why: ${cause}`]),
  ...(fix === undefined ? [] : [`    fix: ${fix}`]),
]

function linesOf({ id, state, offer, events, unfinished }: z.infer<typeof Session>): string[] {
  const steps = events.flatMap((step) => [
    [step.at, step.leg.padEnd(7), step.type, step.reference, facts(step.details)].filter(Boolean).join('  ').trimEnd(),
    ...advice(step),
  ])
  const { cause, fix, ...open } = unfinished ?? {}
  return [
    id === undefined ? `${offer}, at its page` : `${id} is ${state}`,
    ...steps,
    ...(unfinished ? [`unfinished  ${facts(open)}`, ...advice({ cause, fix })] : []),
  ]
}

const reference = /^[0-9A-Z]{4}-[0-9A-Z]{4}$/

/** `claimgate session show TENANT/ISSUER ID`: both legs of one issuance as a time line; a failure with its cause and what mends it. */
export const sessionShow = (terminal: Terminal): Command =>
  new Command('show')
    .description('show the trace of one issuance')
    .addArgument(issuerArgument())
    .argument('<id>', 'the id of a session, or the reference that a person read on a page, such as 7KQ4-M2XD')
    .option('--json', "print the API's answer")
    .action(async ([tenant, issuer]: [string, string], id: string, { json }: { json?: true }) => {
      const sessions = ['tenants', tenant, 'issuers', issuer, 'sessions']
      const client = connect(terminal)
      const wanted = id.toUpperCase()
      const answer = reference.test(wanted)
        ? await client.call('GET', sessions, undefined, { reference: wanted })
        : await client.call('GET', [...sessions, id])
      const session = parseAnswer(Session, answer, 'is no session')
      terminal.print(json ? JSON.stringify(answer, null, 2) : linesOf(session).join('\n'))
    })

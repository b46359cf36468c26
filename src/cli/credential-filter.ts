import { type Command, Option } from 'commander'
import { z } from 'zod'
import { parseAnswer } from './parse-answer.ts'

export const statuses = ['valid', 'suspended', 'invalid']

/** Loose: a newer node may say more. */
export const Credential = z.looseObject({
  id: z.string(),
  credential_configuration_id: z.string(),
  status: z.string(),
  until: z.string().optional(),
  effective_at: z.string().optional(),
  session: z.string(),
  created_at: z.string(),
})
export type Credential = z.infer<typeof Credential>

/** One line for a person. */
export function line({ id, status, until, effective_at, created_at, ...credential }: Credential): string {
  const end = until === undefined ? '' : ` until ${until}`
  const known = effective_at === undefined ? '' : `, known to all verifiers by ${effective_at}`
  return `${id} ${status}${end}: ${credential.credential_configuration_id}, issued at ${created_at}${known} (${credential.session})`
}

/** What a node answered, as what it should be. */
export const read = <T>(schema: z.ZodType<T>, answer: unknown): T => parseAnswer(schema, answer, 'are no credentials')

export const credentialsOf = ([tenant, issuer]: [string, string]): string[] => [
  'tenants',
  tenant,
  'issuers',
  issuer,
  'credentials',
]

export type FilterOptions = {
  withStatus?: string
  configuration?: string
  session?: string
  accountIssuer?: string
  accountSubject?: string
  createdAfter?: string
  createdBefore?: string
}

/** Gives a command the options that choose credentials. */
export const withFilter = (command: Command): Command =>
  command
    .addOption(new Option('--with-status <status>', 'those that are so now').choices(statuses))
    .option('--configuration <id>', 'those of a credential configuration')
    .option('--session <id>', 'those of a session')
    .option('--account-issuer <url>', 'those of a person: `iss` of the ID Token, with --account-subject')
    .option('--account-subject <text>', '`sub` of the ID Token')
    .option('--created-after <moment>', 'those issued since, such as 2026-01-31T00:00:00Z')
    .option('--created-before <moment>', 'those issued before')

/** The filter as the API takes it. */
export function filterOf(options: FilterOptions): Record<string, string> {
  const filter = {
    status: options.withStatus,
    credential_configuration_id: options.configuration,
    session: options.session,
    account_issuer: options.accountIssuer,
    account_subject: options.accountSubject,
    created_after: options.createdAfter,
    created_before: options.createdBefore,
  }
  return Object.fromEntries(Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

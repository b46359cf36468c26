import { Command } from 'commander'
import { given } from './given.ts'
import { parseAnswer } from './parse-answer.ts'
import { issuerArgument } from './parse-option.ts'
import { PreviewAnswer, previewLines } from './preview-lines.ts'
import { connect, type Terminal } from './terminal.ts'

type Options = {
  idToken?: string
  userinfo?: string
  directoryUser?: string
  offer?: string
  source?: string
  claims?: string
  signIn?: string
  provider?: string
  user?: string
  json?: true
}

/** The members of the request that are given as files or as JSON, and the options that give them. */
const pasted = [
  ['id_token', 'idToken', '--id-token'],
  ['userinfo', 'userinfo', '--userinfo'],
  ['user', 'directoryUser', '--directory-user'],
  ['offer', 'offer', '--offer'],
  ['source', 'source', '--source'],
  ['claims', 'claims', '--claims'],
] as const

async function requestOf(options: Options): Promise<Record<string, unknown>> {
  const request: Record<string, unknown> = {
    ...(options.signIn !== undefined && { sign_in: options.signIn }),
    ...(options.provider !== undefined && { identity_provider: options.provider }),
    ...(options.user !== undefined && { user: options.user }),
  }
  for (const [member, option, name] of pasted) {
    const text = options[option]
    if (text !== undefined) request[member] = await given(text, name)
  }
  return request
}

/** `claimgate preview TENANT/ISSUER CONFIGURATION`: one call of the admin API, shown as a table. */
export const preview = (terminal: Terminal): Command =>
  new Command('preview')
    .description('show what the claim rules make of a token, a test sign-in or a person, and where every value is from')
    .addArgument(issuerArgument())
    .argument('<configuration>', 'the credential configuration, such as EmployeeBadge')
    .option('--id-token <file or json>', 'an ID token as the provider gave it, or its claims; it is not verified')
    .option('--userinfo <file or json>', 'what the UserInfo Endpoint said')
    .option('--directory-user <file or json>', 'what the directory holds of the person, for rules that read user')
    .option('--offer <file or json>', "the person's data as an offer has it")
    .option('--source <file or json>', 'what the claim sources say, by their names')
    .option('--sign-in <id>', 'a test sign-in, made with claimgate test-sign-in')
    .option('--provider <id>', 'the identity provider whose rules are taken, and that is asked for --user')
    .option('--user <name>', 'whom to look up there without a sign-in: a user name, e-mail address or id')
    .option('--claims <file or json>', 'rules that are not saved, to be tried instead of those that are')
    .option('--json', "print the API's answer")
    .action(async ([tenant, issuer]: [string, string], configuration: string, options: Options) => {
      const configurations = ['tenants', tenant, 'issuers', issuer, 'credential-configurations']
      const path = [...configurations, configuration, 'claim-mapping', 'preview']
      const answer = await connect(terminal).call('POST', path, await requestOf(options))
      const previewed = parseAnswer(PreviewAnswer, answer, 'is no preview')
      terminal.print(options.json ? JSON.stringify(answer, null, 2) : previewLines(previewed).join('\n'))
    })

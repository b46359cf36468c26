import { Command } from 'commander'
import { z } from 'zod'
import { parseAnswer } from './parse-answer.ts'
import { issuerArgument } from './parse-option.ts'
import { connect, type Terminal } from './terminal.ts'

/** Loose: a newer node may say more. */
const TestSignIn = z.looseObject({ id: z.string(), url: z.string(), expires_at: z.string() })

/** `claimgate test-sign-in TENANT/ISSUER PROVIDER`: a link for one person, and what to preview with then. */
export const testSignIn = (terminal: Terminal): Command =>
  new Command('test-sign-in')
    .description('make a link for one test sign-in at an identity provider, to preview claim rules with')
    .addArgument(issuerArgument())
    .argument('<provider>', 'the identity provider, such as keycloak')
    .option('--json', "print the API's answer")
    .action(async ([tenant, issuer]: [string, string], provider: string, { json }: { json?: true }) => {
      const path = ['tenants', tenant, 'issuers', issuer, 'identity-providers', provider, 'test-sign-ins']
      const answer = await connect(terminal).call('POST', path)
      const { id, url, expires_at } = parseAnswer(TestSignIn, answer, 'is no test sign-in')
      const lines = [
        `Open   ${url}`,
        `Then   claimgate preview ${tenant}/${issuer} CONFIGURATION --sign-in ${id}`,
        `Until  ${expires_at}; after the sign-in, one hour`,
      ]
      terminal.print(json ? JSON.stringify(answer, null, 2) : lines.join('\n'))
    })

import { Command } from 'commander'
import { issuerArgument } from './parse-option.ts'
import { connect, type Terminal } from './terminal.ts'

/** `claimgate offer show TENANT/ISSUER ID`: what became of an offer. */
export const offerShow = (terminal: Terminal): Command =>
  new Command('show')
    .description('show what became of an offer')
    .addArgument(issuerArgument())
    .argument('<id>', 'the id that `offer create` answered')
    .option('--json', "print the API's answer")
    .action(async ([tenant, issuer]: [string, string], id: string, { json }: { json?: true }) => {
      const offer = await connect(terminal).getOffer(tenant, issuer, id)
      const offered = offer.credential_configuration_ids?.join(', ')
      const lines = [
        `${offer.id} is ${offer.state}`,
        ...(offered ? [`offers ${offered}`] : []),
        `expires ${offer.expires_at}`,
      ]
      terminal.print(json ? JSON.stringify(offer, null, 2) : lines.join('\n'))
    })

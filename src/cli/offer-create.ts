import { Command, InvalidArgumentError, Option } from 'commander'
import type { Offer, OfferRequest } from './client.ts'
import { given } from './given.ts'
import { issuerArgument } from './parse-option.ts'
import { connect, type Terminal } from './terminal.ts'

function page(offer: Offer): string {
  const rows = [
    ['Offer', `${offer.id}, ${offer.state}, until ${offer.expires_at}`],
    ['Link', offer.credential_offer_url],
    ['Page', offer.offer_page_url],
    ['PIN', offer.tx_code && `${offer.tx_code} (shown only now; send it by another way than the link)`],
  ]
  return rows.flatMap(([name = '', value]) => (value ? [`${name.padEnd(6)}${value}`] : [])).join('\n')
}

type Options = {
  configuration?: string[]
  grant?: string[]
  txCode?: true
  claims?: string
  subject?: string
  authorizationServer?: string
  by?: string
  json?: true
}

const each = (value: string, all: string[] = []) => [...all, value]

/** `claimgate offer create TENANT/ISSUER`: one call of the admin API. */
export const offerCreate = (terminal: Terminal): Command =>
  new Command('create')
    .description('create a credential offer and show its link, its page and its PIN')
    .addArgument(issuerArgument())
    .option(
      '--configuration <id>',
      'a credential configuration to offer; may be repeated (default: the first of the issuer)',
      each,
    )
    .addOption(
      new Option('--grant <grant>', 'authorization_code or pre_authorized_code; may be repeated').argParser(
        (value: string, all?: string[]) => {
          if (!['authorization_code', 'pre_authorized_code'].includes(value))
            throw new InvalidArgumentError('It is authorization_code or pre_authorized_code.')
          return each(value, all)
        },
      ),
    )
    .option('--tx-code', 'ask the wallet for a PIN')
    .option('--claims <file or json>', "the person's data for the claim rules: a JSON or YAML file, or JSON")
    .option(
      '--subject <file or json>',
      'the one person whose sign-in may claim it, such as {"identity_provider":…,"sub":…}',
    )
    .option('--authorization-server <name>', 'an external authorization server that the wallet gets its token from')
    .addOption(new Option('--by <way>', 'how the link carries the offer').choices(['value', 'reference']))
    .option('--json', "print the API's answer")
    .action(async ([tenant, issuer]: [string, string], options: Options) => {
      const request: OfferRequest = {
        ...(options.configuration && { credential_configuration_ids: options.configuration }),
        ...(options.grant && { grants: options.grant }),
        ...(options.txCode && { tx_code: true }),
        ...(options.claims !== undefined && { claims: await given(options.claims, '--claims') }),
        ...(options.subject !== undefined && { subject: await given(options.subject, '--subject') }),
        ...(options.authorizationServer && { authorization_server: options.authorizationServer }),
        ...(options.by && { delivery: { by: options.by } }),
      }
      const offer = await connect(terminal).createOffer(tenant, issuer, request)
      terminal.print(options.json ? JSON.stringify(offer, null, 2) : page(offer))
    })

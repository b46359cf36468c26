import { Command, Option } from 'commander'
import { z } from 'zod'
import { parseAnswer } from './parse-answer.ts'
import { connect, type Terminal } from './terminal.ts'

/** Loose: a newer node may say more. */
const Key = z.looseObject({
  key: z.string(),
  algorithm: z.string(),
  generation: z.number(),
  state: z.string(),
  activates_at: z.string(),
  retires_at: z.string().optional(),
  published_until: z.string().optional(),
})
type Key = z.infer<typeof Key>
const Keys = z.looseObject({ signing_keys: z.array(Key) })

function line({ key, algorithm, generation, state, activates_at, retires_at, published_until }: Key): string {
  const said = {
    published: `is published and signs from ${activates_at}`,
    active: retires_at ? `signs until ${retires_at}, published until ${published_until}` : 'signs',
    retired: `has ceased to sign, published until ${published_until}`,
    revoked: 'is revoked',
  }[state]
  return `${key} ${algorithm}, generation ${generation}: ${said ?? state}`
}

function print(terminal: Terminal, answer: unknown, json?: true): void {
  const { signing_keys } = parseAnswer(Keys, answer, 'are no signing keys')
  terminal.print(json ? JSON.stringify(answer, null, 2) : signing_keys.map(line).join('\n'))
}

type Options = { algorithm?: string; now?: true; compromised?: true; json?: true }

/** `claimgate keys rotate TENANT [KEY]`: one call of the admin API. */
export const keysRotate = (terminal: Terminal): Command =>
  new Command('rotate')
    .description('give the signing keys of a tenant a new generation, while credentials are issued')
    .argument('<tenant>', 'the tenant, such as demo')
    .argument('[key]', 'the key, as signing_key names it (default: all of them)')
    .addOption(new Option('--algorithm <algorithm>', 'only for this one').choices(['ES256', 'ES384', 'EdDSA']))
    .option('--now', 'sign with it at once, though who keeps the key set does not know it yet')
    .option('--compromised', 'revoke every generation until now, with all that it signed; implies --now')
    .option('--json', "print the API's answer")
    .action(async (tenant: string, key: string | undefined, { json, ...how }: Options) => {
      const body = { ...(key !== undefined && { key }), ...how }
      print(
        terminal,
        await connect(terminal).call('POST', ['tenants', tenant, 'signing-keys', 'rotations'], body),
        json,
      )
    })

/** `claimgate keys list TENANT`. */
export const keysList = (terminal: Terminal): Command =>
  new Command('list')
    .description('show the signing keys of a tenant and what each does')
    .argument('<tenant>', 'the tenant, such as demo')
    .option('--json', "print the API's answer")
    .action(async (tenant: string, { json }: { json?: true }) => {
      print(terminal, await connect(terminal).call('GET', ['tenants', tenant, 'signing-keys']), json)
    })

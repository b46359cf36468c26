import { Command, InvalidArgumentError } from 'commander'
import { readClientConfig } from '../config.ts'
import { presets } from '../connectors/presets/index.ts'
import type { Preset, Said } from '../connectors/presets/preset.ts'
import { Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** The sentence without its Markdown. */
const plain = (said: Said): string => {
  const [text, mark] = typeof said === 'string' ? [said, ''] : [said.unchecked, ' (not checked)']
  return text.replaceAll(/\*\*|`/g, '') + mark
}

const list = (): string =>
  Object.entries(presets)
    .map(([id, { name, kind }]) => `${id.padEnd(12)}${name} (kind: ${kind})`)
    .join('\n')

/** What to do in the vendor's console, with our redirect URI where it is entered. */
function steps({ name, kind, address, traps, ...preset }: Preset, redirectUri: string): string {
  const bullets = (sentences: Said[]) => sentences.map((said) => `  - ${plain(said)}`)
  const lines = [
    `${name} (kind: ${kind})`,
    `${address.setting}: ${address.pattern}`,
    ...(address.watch === undefined ? [] : [`  ${plain(address.watch)}`]),
    '',
    ...preset.steps.map((said, index) => `${index + 1}. ${plain(said)}`),
    '',
    ...[`E-mail: ${plain(preset.email)}`, `Groups: ${plain(preset.groups)}`],
    `Employee id: ${plain(preset.employeeId)}`,
    ...(traps.length > 0 ? ['', 'Watch out:', ...bullets(traps)] : []),
  ]
  return lines.join('\n').replaceAll('{redirect_uri}', redirectUri)
}

function placeName(text: string): string {
  if (/^[a-z0-9-]+\/[a-z0-9-]+$/.test(text)) return text
  throw new InvalidArgumentError('Write it as TENANT/PROVIDER, such as acme/login.')
}

/** `claimgate presets [NAME] [TENANT/PROVIDER]`: needs neither a node nor a database. */
export const presetsCommand = (terminal: Terminal): Command =>
  new Command('presets')
    .description('what to enter in the console of an identity provider, in its own words')
    .argument('[name]', 'one of the products; without it they are listed')
    .argument('[tenant/provider]', 'whose redirect URI to print, such as acme/login', placeName)
    .action((name?: string, place?: string) => {
      if (name === undefined) return terminal.print(list())
      const preset = Object.hasOwn(presets, name) ? presets[name] : undefined
      if (!preset) throw new Failure([`There is no preset ${name}; there is ${Object.keys(presets).join(', ')}.`])
      const [tenant, provider] = place?.split('/') ?? ['{tenant}', '{identity provider}']
      const { url } = readClientConfig(terminal.environment)
      terminal.print(steps(preset, `${url}/${tenant}/callback/${provider}`))
    })

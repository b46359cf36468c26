import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { presets } from '../src/connectors/presets/index.ts'
import type { Preset, Said } from '../src/connectors/presets/preset.ts'
import { clientFaults } from '../src/model/faults/client.ts'
import { dataFaults } from '../src/model/faults/data.ts'
import { externalFaults } from '../src/model/faults/external.ts'
import type { FaultHelp } from '../src/model/faults/index.ts'
import { providerFaults } from '../src/model/faults/provider.ts'
import { signInFaults } from '../src/model/faults/sign-in.ts'
import { ProductionSettings, Settings } from '../src/settings.ts'

/** docs/reference/settings.md, made from the schema that reads the environment. */
export function settingsPage(): string {
  const rows = Object.entries(Settings.shape).map(([name, schema]) => {
    const required = !ProductionSettings.shape[name as keyof typeof Settings.shape].safeParse(undefined).success
    const standard = schema.safeParse(undefined).data
    const given = typeof standard === 'string' || typeof standard === 'number' ? ` Default: \`${standard}\`.` : ''
    return `| \`${name}\` | ${required ? 'yes' : ''} | ${schema.description}${given} |`
  })
  return `# Settings

Claimgate reads its settings from the environment when it starts. This page is made from the schema that reads them
(\`node test/reference.ts\`).

* Every variable can also come from a file: \`CLAIMGATE_SECRET_FILE=/run/secrets/claimgate\` reads \`CLAIMGATE_SECRET\` from there.
* A name that begins with \`CLAIMGATE_\` and is not on this page is refused, so that a slip of the pen does not go unnoticed. What
  Kubernetes injects for a Service named claimgate (\`CLAIMGATE_PORT=tcp://…\`, \`CLAIMGATE_SERVICE_HOST\`, …) is ignored.
* A variable that is set but empty counts as not set. All mistakes are named at once.
* "Required" is about production, \`claimgate start\`. The demo, \`claimgate start --demo\`, needs no variable at all.

| variable | required | |
| --- | --- | --- |
${rows.join('\n')}
`
}

const said = (sentence: Said): string => (typeof sentence === 'string' ? sentence : `${sentence.unchecked} †`)

/** The smallest tenant file in which a preset's provider and claims stand. */
export const presetFile = (id: string, { kind, settings, claims }: Preset) => ({
  tenant: 'acme',
  identity_providers: { [id]: { kind, ...settings } },
  issuers: {
    staff: {
      display: [{ name: 'ACME Staff Office' }],
      wallets: [],
      grants: { authorization_code: { identity_providers: [id] } },
      credential_configurations: { EmployeeBadge: { format: 'dc+sd-jwt', claims } },
    },
  },
})

function presetSection([id, preset]: [string, Preset]): string {
  const { name, kind, address, steps, email, groups, employeeId, traps, sources } = preset
  const from = sources.map(({ title, date }) => (date ? `${title} (${date})` : title))
  return `## ${name}

\`kind: ${kind}\`, \`${address.setting}: ${address.pattern}\`. ${address.watch ? said(address.watch) : ''}

${steps.map((step, index) => `${index + 1}. ${said(step)}`).join('\n')}

| | |
| --- | --- |
| e-mail | ${said(email)} |
| groups | ${said(groups)} |
| employee id | ${said(employeeId)} |

${traps.map((trap) => `* ${said(trap)}`).join('\n')}

\`\`\`yaml
${stringify(presetFile(id, preset), { lineWidth: 120 })}\`\`\`

From: ${from.join(' · ')}.`
}

/** docs/reference/identity-providers.md, made from the presets. */
export const providersPage = (): string => `# Identity providers

What to enter in the console of an identity provider, in the vendor's own words and order, and what to write into the
[tenant file](../guides/tenant-file.md). \`claimgate presets NAME TENANT/PROVIDER\` prints the steps with your redirect URI. This page is
made from the presets (\`node test/reference.ts\`).

Vendors rename things: the words are those of the pages named below each product, as of the date that the page carries. What is
marked † was not read on such a page and is from experience.

A wallet profile is left out of the examples: \`wallets\` names those that may come ([wallets](../guides/wallets.md)).

${Object.entries(presets).map(presetSection).join('\n\n')}
`

const groups: Record<string, Record<string, FaultHelp>> = {
  'On the way to the identity provider': providerFaults,
  'At its token endpoint': clientFaults,
  'In its answer': signInFaults,
  'Data, rules and renewal': dataFaults,
  'Access tokens of an external authorization server': externalFaults,
}

/** docs/reference/faults.md, made from what logs and traces say. */
export function faultsPage(): string {
  const sections = Object.entries(groups).map(([title, faults]) => {
    const rows = Object.entries(faults).map(([id, { cause, fix }]) => `| \`${id}\` | ${cause} | ${fix} |`)
    return `## ${title}\n\n| fault | why it happens | what mends it |\n| --- | --- | --- |\n${rows.join('\n')}\n`
  })
  return `# Faults

What can go wrong between a wallet, a person and the identity provider, by the id that stands in the log and in the
[trace of a session](../guides/troubleshooting.md). This page is made from the code (\`node test/reference.ts\`).

${sections.join('\n')}`
}

if (import.meta.main) {
  const write = (name: string, page: string) =>
    writeFileSync(new URL(`../docs/reference/${name}.md`, import.meta.url), page)
  write('settings', settingsPage())
  write('identity-providers', providersPage())
  write('faults', faultsPage())
}

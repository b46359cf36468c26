import { writeFileSync } from 'node:fs'
import { clientFaults } from '../src/model/faults/client.ts'
import { dataFaults } from '../src/model/faults/data.ts'
import { externalFaults } from '../src/model/faults/external.ts'
import type { FaultHelp } from '../src/model/faults/index.ts'
import { providerFaults } from '../src/model/faults/provider.ts'
import { signInFaults } from '../src/model/faults/sign-in.ts'

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
[trace of a session](../guides/troubleshooting.md). This page is made from the code (\`node test/faults-page.ts\`).

${sections.join('\n')}`
}

if (import.meta.main) writeFileSync(new URL('../docs/reference/faults.md', import.meta.url), faultsPage())

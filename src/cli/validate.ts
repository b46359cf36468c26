import { Command } from 'commander'
import { Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** `claimgate validate -f FILE`: needs neither a node nor a database. */
export const validate = (terminal: Terminal): Command =>
  new Command('validate')
    .description('check a tenant file: syntax, settings, claim rules and their tests')
    .requiredOption('-f, --file <file>', 'the tenant file')
    .action(async ({ file: name }: { file: string }) => {
      const { loadTenantFile } = await import('./tenant-file.ts') // loads every connector and format
      const { file } = await loadTenantFile(terminal, name, { demo: true })
      // This command cannot know which node the file is for, so what only the demo may do is said, not refused.
      await loadTenantFile(terminal, name, { demo: false }).catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error
        terminal.note(['Only for the demo; another node will refuse:', ...error.lines.slice(0, -1)].join('\n'))
      })
      const issuers = Object.values(file.issuers)
      const counts = {
        'identity providers': Object.keys(file.identity_providers).length,
        issuers: issuers.length,
        'credential configurations': issuers.flatMap((issuer) => Object.keys(issuer.credential_configurations)).length,
      }
      const contents = Object.entries(counts).map(([kind, count]) => `, ${kind}: ${count}`)
      terminal.print(`${name} is valid. Tenant: ${file.tenant}${contents.join('')}.`)
    })

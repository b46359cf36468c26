import { Command } from 'commander'
import { readClientConfig, readConfig } from '../config.ts'
import { makeLog } from '../lib/log.ts'
import type { WrittenTenantFile } from '../model/tenant.ts'
import type { ApiKeys } from './client.ts'
import { connect, type Terminal } from './terminal.ts'

/** Writes into the database that the environment names. */
async function applyHere({ environment, note }: Terminal, file: WrittenTenantFile, demo: boolean): Promise<ApiKeys> {
  const config = readConfig(environment, { demo })
  const [{ assemble }, { applyTenant }] = await Promise.all([
    import('../assemble.ts'),
    import('../administration/apply.ts'),
  ])
  const log = makeLog({ level: 'warn', destination: { write: (line) => note(line.trimEnd()) } })
  const services = await assemble(config, { log })
  try {
    return (await applyTenant(services, file)).apiKeys
  } finally {
    await services.close()
  }
}

/** `claimgate apply -f FILE`: writes a tenant to the database or, if CLAIMGATE_URL is set, to the API of a node. */
export const apply = (terminal: Terminal): Command =>
  new Command('apply')
    .description('create or update a tenant with everything below it')
    .requiredOption('-f, --file <file>', 'the tenant file')
    .option('--demo', "into the demo's database, where any wallet may be let in")
    .action(async ({ file: name, demo = false }: { file: string; demo?: boolean }) => {
      const { loadTenantFile } = await import('./tenant-file.ts') // loads every connector and format
      const { file, raw } = await loadTenantFile(terminal, name, { demo })
      const { remote } = readClientConfig(terminal.environment)
      const keys = await (remote ? connect(terminal).applyTenant(file.tenant, raw) : applyHere(terminal, raw, demo))
      terminal.print(`Tenant ${file.tenant} is applied.`)
      for (const { id, key } of keys) terminal.print(`The API key of ${id}, shown only now: ${key}`)
    })

import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import type { Proposal } from '../administration/propose-keycloak.ts'
import { readClientConfig } from '../config.ts'
import { ProviderUrl } from '../connectors/client-settings.ts'
import { ConfigurationId, Id, Name } from '../model/names.ts'
import { Failure } from './failure.ts'
import { ClientId, parsedBy } from './parse-option.ts'
import type { Asked } from './realm-from.ts'
import type { Terminal } from './terminal.ts'

type Options = Asked & { url: string; client: string; tenant?: string; provider: string; issuer: string }
type Output = { configuration: string; publicUrl?: string; out?: string; json?: true }

const clientFile = 'keycloak-client.json'
async function write(folder: string, { tenant, tenantFile, client }: Proposal): Promise<string[]> {
  const files = [
    [join(folder, `${tenant}.yaml`), tenantFile],
    [join(folder, clientFile), `${JSON.stringify(client, null, 2)}\n`],
  ] as const
  await mkdir(folder, { recursive: true })
  for (const [file, text] of files) {
    await writeFile(file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      throw new Failure([`${file} cannot be written (${error.code}). What is there already is kept.`])
    })
  }
  return files.map(([file]) => file)
}

/** What an administrator of Keycloak does with the proposal. */
function steps({ client, isThere, adminRoles, warnings }: Proposal, realm: string): string[] {
  const at = `-r '${realm.replaceAll("'", `'\\''`)}'`
  const named = `-q 'clientId=${String(client.clientId)}' --fields id --format csv --noquotes`
  const roles = adminRoles.map((role) => ` --rolename ${role}`).join('')
  const account = `service-account-${String(client.clientId).toLowerCase()}`
  return [
    ...(warnings.length > 0 ? ['Watch out:', ...warnings.map((warning) => `  - ${warning}`)] : []),
    'To do at Keycloak:',
    // A partial import would overwrite the client, and leave it without its service account.
    ...(isThere ? [`  kcadm.sh delete clients/$(kcadm.sh get clients ${at} ${named}) ${at}`] : []),
    `  kcadm.sh create clients ${at} -f ${clientFile}`,
    ...(roles ? [`  kcadm.sh add-roles ${at} --uusername ${account} --cclientid realm-management${roles}`] : []),
  ]
}

/** `claimgate propose keycloak`: needs neither a node nor a database. */
export const proposeCommand = (terminal: Terminal): Command => {
  const keycloak = new Command('keycloak')
    .description('propose a tenant file, and the client at Keycloak that goes with it, from a realm')
    .requiredOption('--url <url>', 'where Keycloak is, as browsers of people reach it', parsedBy(ProviderUrl))
    .option('--realm <name>', 'the realm')
    .option('--realm-file <file>', 'an export of the realm; without it the Admin API is asked')
    .option('--admin-client-id <id>', 'whose service account asks the Admin API')
    .option('--admin-client-secret <secret>', 'its secret; better in the environment, as KEYCLOAK_ADMIN_CLIENT_SECRET')
    .option('--client <id>', 'the client at Keycloak, which may be there already', parsedBy(ClientId), 'claimgate')
    .option('--tenant <name>', 'the tenant; default: after the realm', parsedBy(Name))
    .option('--provider <id>', 'what the tenant file calls the realm', parsedBy(Id), 'keycloak')
    .option('--issuer <name>', 'the issuer', parsedBy(Name), 'staff')
    .option('--configuration <id>', 'the credential configuration', parsedBy(ConfigurationId), 'EmployeeBadge')
    .option('--public-url <url>', 'where Claimgate is; default: CLAIMGATE_URL', parsedBy(ProviderUrl))
    .option('--out <folder>', 'write {tenant}.yaml and keycloak-client.json there')
    .option('--json', 'print all of it as JSON')
    .action(async ({ client, publicUrl, out, json, ...options }: Options & Output) => {
      const { realmFrom } = await import('./realm-from.ts') // loads what speaks with Keycloak
      const { proposeKeycloak } = await import('../administration/propose-keycloak.ts') // loads every format
      const needs = { fetch: terminal.fetch, clock: terminal.now, random: randomBytes }
      const realm = await realmFrom(needs, options, client, terminal.environment)
      const place = (publicUrl ?? readClientConfig(terminal.environment).url).replace(/\/+$/, '')
      const proposal = proposeKeycloak(realm, { ...options, publicUrl: place, clientId: client })
      if (json) return terminal.print(JSON.stringify(proposal, null, 2))
      if (out === undefined) terminal.print(proposal.tenantFile.trimEnd())
      else for (const file of await write(out, proposal)) terminal.print(file)
      terminal.note(steps(proposal, realm.realm).join('\n'))
    })
  return new Command('propose').description('a tenant file from what is there').addCommand(keycloak)
}

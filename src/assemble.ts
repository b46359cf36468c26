import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSecretName } from './administration/resolve-references.ts'
import { type Config, ConfigError } from './config.ts'
import { formats } from './formats/index.ts'
import { makeEncryptionKeys } from './keys/encryption-keys.ts'
import { makeKeyRing } from './keys/key-ring.ts'
import { makeProviderKeys } from './keys/provider-keys.ts'
import { makeFetch } from './lib/http-client.ts'
import { makeLog } from './lib/log.ts'
import { makeRandom } from './lib/random.ts'
import type { Services } from './services.ts'
import { makeStatusLists } from './status/lists.ts'
import { makeConfiguration } from './store/configuration.ts'
import { openDatabase } from './store/database.ts'
import { tablesOver } from './store/index.ts'
import { migrations } from './store/migrations/index.ts'
import { makeVault, OtherSecret } from './store/sealed.ts'

type Overrides = Partial<Pick<Services, 'clock' | 'fetch' | 'log'>>

const otherSecret = ({ demo, dataFolder }: Config) => {
  const advice = demo ? `; ${dataFolder} or the database is of another installation` : ''
  return new ConfigError([
    { name: 'CLAIMGATE_SECRET', detail: `is not the secret that this database was made with${advice}` },
  ])
}

/** The services of a node: the only place that chooses an implementation. Opens the database and brings it up to date. */
export async function assemble(config: Config, overrides: Overrides = {}): Promise<Services> {
  const clock = overrides.clock ?? (() => new Date())
  const random = makeRandom()
  const log = overrides.log ?? makeLog({ level: config.logLevel, ...(config.demo && { destination: process.stderr }) })
  const fetch =
    overrides.fetch ??
    makeFetch({ allowAddresses: config.allowAddresses, ...(config.proxy && { proxy: config.proxy }) })
  const database = await openDatabase(config.databaseUrl, { clock, random })
  await database.migrate(migrations, (line) => log.info(line))
  const tables = tablesOver((question, options) => database.ask(question, options))
  const { secret, previousSecret } = config
  const vault = makeVault({ database, secret, random, clock, ...(previousSecret && { previousSecret }) })
  try {
    await vault.of('') // a wrong CLAIMGATE_SECRET shows now, not at the first request
    if (previousSecret) await vault.rewrap()
  } catch (error) {
    await database.close()
    throw error instanceof OtherSecret ? otherSecret(config) : error
  }
  const readSecret = (tenant: string, name: string): string => {
    if (!isSecretName(name)) throw new Error('A ${secret:…} reference has a name that is no file name')
    if (!config.secretsFolder) throw new Error('A ${secret:…} reference needs CLAIMGATE_SECRETS')
    return readFileSync(join(config.secretsFolder, tenant, name), 'utf8').replace(/\r?\n$/, '')
  }
  return {
    config,
    clock,
    random,
    fetch,
    log,
    database,
    tables,
    inTransaction: (work) => database.inTransaction((trx) => work(tablesOver((question) => question(trx)))),
    vault,
    configuration: makeConfiguration({ tables, vault, clock, readSecret }),
    keyRing: makeKeyRing({ tables, vault, clock, random }),
    encryptionKeys: makeEncryptionKeys({ tables, vault, clock }),
    providerKeys: makeProviderKeys({ tables, vault, clock }),
    statusLists: makeStatusLists({ tables, vault, clock, random, kindOf: (format) => formats.get(format)!.statusList }),
    close: () => database.close(),
  }
}

/** Brings the database of a configuration up to date, and nothing else. */
export async function migrate(config: Config): Promise<void> {
  const database = await openDatabase(config.databaseUrl, { clock: () => new Date(), random: randomBytes })
  try {
    await database.migrate(migrations)
  } finally {
    await database.close()
  }
}

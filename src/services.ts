import type { Config } from './config.ts'
import type { EncryptionKeys } from './keys/encryption-keys.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { ProviderKeys } from './keys/provider-keys.ts'
import type { Log } from './lib/log.ts'
import type { StatusLists } from './status/lists.ts'
import type { Configuration } from './store/configuration.ts'
import type { Database } from './store/database.ts'
import type { Tables } from './store/index.ts'
import type { Vault } from './store/sealed.ts'

/** Everything a use case may reach for. Each names the few it needs: `Pick<Services, 'clock' | 'tables'>`. */
export type Services = {
  config: Config
  clock: () => Date
  random: (bytes: number) => Buffer
  /** The one way out, with the egress rule. */
  fetch: typeof globalThis.fetch
  log: Log
  database: Database
  /** Every table, outside a transaction. */
  tables: Tables
  /** One transaction, which may run more than once: ids and tokens are drawn before it, and a miss is `throw new Missed(refusal)`. */
  inTransaction: <T>(work: (tables: Tables) => Promise<T>) => Promise<T>
  vault: Vault
  configuration: Configuration
  keyRing: KeyRing
  encryptionKeys: EncryptionKeys
  providerKeys: ProviderKeys
  statusLists: StatusLists
  close: () => Promise<void>
}

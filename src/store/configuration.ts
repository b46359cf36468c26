import { WalletProfile } from '../model/clients.ts'
import { CredentialConfiguration } from '../model/credential-configuration.ts'
import { IdentityProvider, IdentityProviderLink } from '../model/identity-provider.ts'
import { Issuer, Tenant } from '../model/issuer.ts'
import type { LiveConfiguration, LiveIdentityProvider, LiveIssuer, LiveTenant } from '../model/live.ts'
import type { Tables } from './index.ts'
import type { Vault } from './sealed.ts'
import type { TenantRows } from './tenants.ts'

const IssuerRow = Issuer.omit({ credential_configurations: true })

/** What a node knows of its tenants. A change made anywhere holds here within two seconds. */
export type Configuration = {
  findTenant(name: string): Promise<LiveTenant | undefined>
  findIssuer(tenant: string, issuer: string): Promise<LiveIssuer | undefined>
  listTenants(): Promise<LiveTenant[]>
}

type Needs = {
  tables: Tables
  vault: Vault
  clock: () => Date
  /** The value of `${secret:NAME}` for a tenant; throws if there is none. */
  readSecret: (tenant: string, name: string) => string
}
type Entry = { live: LiveTenant; checkedAt: number }

const checkEveryMs = 1000
const nameForm = /^[a-z0-9-]{1,63}$/

/** Parsed configuration in memory: versions are compared once a second and at each miss. */
export function makeConfiguration({ tables, vault, clock, readSecret }: Needs): Configuration {
  const known = new Map<string, Entry>()
  const loading = new Map<string, Promise<LiveTenant | undefined>>()

  async function load(name: string): Promise<LiveTenant | undefined> {
    const rows = await tables.tenants.load(name)
    if (!rows) {
      known.delete(name)
      return undefined
    }
    const sealer = await vault.of(rows.id)
    const secretsOf = (provider: TenantRows['identityProviders'][number]): Record<string, string> => {
      if (!provider.secretsSealed) return {}
      const place = { table: 'identity_providers', column: 'secrets_sealed', row: provider.id }
      return JSON.parse(sealer.open(place, provider.secretsSealed).toString())
    }
    const live = parseTenant(rows, secretsOf, (secret) => readSecret(name, secret))
    known.set(name, { live, checkedAt: clock().getTime() })
    return live
  }

  const loadOnce = (name: string) => {
    const under = loading.get(name) ?? load(name).finally(() => loading.delete(name))
    loading.set(name, under)
    return under
  }

  async function check(name: string, entry: Entry | undefined): Promise<LiveTenant | undefined> {
    if (!entry) return loadOnce(name)
    const version = await tables.tenants.version(name)
    if (version?.id === entry.live.id && version.configurationVersion === entry.live.configurationVersion) {
      entry.checkedAt = clock().getTime()
      return entry.live
    }
    return loadOnce(name)
  }

  const isFresh = (entry: Entry) => Math.abs(clock().getTime() - entry.checkedAt) < checkEveryMs

  return {
    async findTenant(name) {
      // MariaDB ignores trailing blanks, and what is no name needs no question.
      if (!nameForm.test(name)) return undefined
      const entry = known.get(name)
      return entry && isFresh(entry) ? entry.live : check(name, entry)
    },

    async findIssuer(tenantName, issuerName) {
      const tenant = await this.findTenant(tenantName)
      const issuer = tenant?.issuers.get(issuerName)
      if (issuer || !tenant) return issuer
      return (await check(tenantName, known.get(tenantName)))?.issuers.get(issuerName)
    },

    async listTenants() {
      const rows = await tables.tenants.versions()
      const found = await Promise.all(rows.map(({ name }) => this.findTenant(name)))
      return found.filter((tenant) => tenant !== undefined)
    },
  }
}

const reference = /^\$\{secret:([^}]+)\}$/

/** Rows as the nouns of the model. Rows of a newer version may have members that this one does not know: those are dropped. */
function parseTenant(
  rows: TenantRows,
  secretsOf: (provider: TenantRows['identityProviders'][number]) => Record<string, string>,
  readSecret: (name: string) => string,
): LiveTenant {
  const identityProviders = new Map<string, LiveIdentityProvider>()
  for (const row of rows.identityProviders) {
    const secrets = Object.entries(secretsOf(row)).map(([name, value]) => {
      const [, secret] = reference.exec(value) ?? []
      return [name, secret === undefined ? value : readSecret(secret)]
    })
    const settings = IdentityProvider.parse({ ...(row.settings as object), ...Object.fromEntries(secrets) })
    identityProviders.set(row.id, { ...settings, id: row.id })
  }
  const issuers = new Map<string, LiveIssuer>()
  const tenant: LiveTenant = {
    id: rows.id,
    name: rows.name,
    configurationVersion: rows.configurationVersion,
    settings: Tenant.strip().parse(rows.settings),
    identityProviders,
    walletProfiles: new Map(rows.walletProfiles.map(({ id, settings }) => [id, WalletProfile.strip().parse(settings)])),
    issuers,
  }
  for (const row of rows.issuers) {
    issuers.set(row.name, {
      tenantId: rows.id,
      issuerId: row.id,
      tenant,
      name: row.name,
      identifier: row.identifier,
      settings: IssuerRow.strip().parse(row.settings),
      configurations: new Map(row.configurations.map((one) => [one.id, parseConfiguration(row.identifier, one)])),
      identityProviders: row.identityProviders.map((link) =>
        IdentityProviderLink.strip().parse({ ...(link.settings as object), id: link.id }),
      ),
      retiredAt: row.retiredAt,
    })
  }
  return tenant
}

function parseConfiguration(
  identifier: string,
  { id, settings }: { id: string; settings: unknown },
): LiveConfiguration {
  const configuration = CredentialConfiguration.strip().parse(settings)
  return {
    ...configuration,
    id,
    vct: configuration.vct ?? `${identifier}/types/${id}`,
    scope: configuration.scope ?? id,
  }
}

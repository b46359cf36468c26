import type { LiveIssuer, LiveTenant } from '../model/live.ts'
import type { Tables } from './index.ts'
import { parseTenant, type SecretsOf } from './live-tenant.ts'
import type { Vault } from './sealed.ts'

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
    const secretsOf: SecretsOf = (table, { id, secretsSealed }) => {
      if (!secretsSealed) return {}
      return JSON.parse(sealer.open({ table, column: 'secrets_sealed', row: id }, secretsSealed).toString())
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

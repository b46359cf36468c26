import { type Ask, bytes, dateOrUndefined, parsed } from './ask.ts'
import { insertOnce } from './database.ts'

/** The rows from which a node builds its parsed configuration of one tenant. */
export type TenantRows = {
  id: string
  name: string
  configurationVersion: number
  settings: unknown
  identityProviders: { id: string; settings: unknown; secretsSealed: Buffer | undefined }[]
  authorizationServers: { id: string; settings: unknown; secretsSealed: Buffer | undefined }[]
  claimSources: { id: string; settings: unknown; secretsSealed: Buffer | undefined }[]
  walletProfiles: { id: string; settings: unknown }[]
  attesters: { id: string; settings: unknown }[]
  issuers: {
    id: string
    name: string
    identifier: string
    settings: Record<string, unknown>
    createdAt: Date | undefined
    retiredAt: Date | undefined
    identityProviders: { id: string; settings: unknown }[]
    configurations: { id: string; settings: unknown }[]
  }[]
}

const of = (rows: Record<string, unknown>[], column: string, value: unknown) =>
  rows.filter((row) => row[column] === value)
const settingsOf = (row: Record<string, unknown>) => ({ id: String(row.id), settings: parsed<unknown>(row.settings) })
const withSecrets = (row: Record<string, unknown>) => ({ ...settingsOf(row), secretsSealed: bytes(row.secrets_sealed) })

/** The readable side of everything that administrators decide. */
export const tenants = (ask: Ask) => ({
  versions: (): Promise<{ id: string; name: string; configurationVersion: number }[]> =>
    ask(async (db) =>
      (await db('tenants').select('id', 'name', 'configuration_version')).map((row) => ({
        id: String(row.id),
        name: String(row.name),
        configurationVersion: Number(row.configuration_version),
      })),
    ),

  version: (name: string): Promise<{ id: string; configurationVersion: number } | undefined> =>
    ask(async (db) => {
      const row = await db('tenants').where({ name }).first('id', 'configuration_version')
      return row && { id: String(row.id), configurationVersion: Number(row.configuration_version) }
    }),

  load: (name: string): Promise<TenantRows | undefined> =>
    ask(async (db) => {
      const tenant = await db('tenants').where({ name }).first()
      if (!tenant) return undefined
      const mine = { tenant_id: tenant.id }
      const [providers, servers, sources, profiles, attesters, issuers, links, configurations] = [
        await db('identity_providers').where(mine).orderBy('id'),
        await db('authorization_servers').where(mine).orderBy('id'),
        await db('claim_sources').where(mine).orderBy('id'),
        await db('wallet_profiles').where(mine).orderBy('id'),
        await db('attesters').where(mine).orderBy('id'),
        await db('issuers').where(mine).orderBy('name'),
        await db('issuer_identity_providers').where(mine).orderBy('position'),
        await db('credential_configurations').where(mine).orderBy('position'),
      ]
      return {
        id: String(tenant.id),
        name: String(tenant.name),
        configurationVersion: Number(tenant.configuration_version),
        settings: parsed<unknown>(tenant.settings),
        identityProviders: providers.map(withSecrets),
        authorizationServers: servers.map(withSecrets),
        claimSources: sources.map(withSecrets),
        walletProfiles: profiles.map(settingsOf),
        attesters: attesters.map(settingsOf),
        issuers: issuers.map((row) => ({
          id: String(row.id),
          name: String(row.name),
          identifier: String(row.identifier),
          settings: parsed<Record<string, unknown>>(row.settings),
          createdAt: dateOrUndefined(row.created_at),
          retiredAt: dateOrUndefined(row.retired_at),
          identityProviders: of(links, 'issuer_id', row.id).map((link) => ({
            id: String(link.identity_provider),
            settings: parsed<unknown>(link.settings),
          })),
          configurations: of(configurations, 'issuer_id', row.id).map(settingsOf),
        })),
      }
    }),

  /** True the first time; the same name makes the same tenant. */
  insert: (tenant: { id: string; name: string; settings: unknown; createdAt: Date }): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'tenants', {
        id: tenant.id,
        name: tenant.name,
        settings: JSON.stringify(tenant.settings),
        version: 0,
        configuration_version: 0,
        created_at: tenant.createdAt.getTime(),
      }),
    ),

  /** Every change below a tenant increments its version; being first in the transaction, it is also its lock. */
  touch: (id: string): Promise<number> =>
    ask((db) => db('tenants').where({ id }).increment('configuration_version', 1)),
})

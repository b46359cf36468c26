import { type Ask, dateOrUndefined, parsed, text } from './ask.ts'
import { insertOnce } from './database.ts'

/** The rows from which a node builds its parsed configuration of one tenant. */
export type TenantRows = {
  id: string
  name: string
  configurationVersion: number
  settings: unknown
  identityProviders: { id: string; settings: unknown; secretsSealed: Buffer | undefined }[]
  walletProfiles: { id: string; settings: unknown }[]
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
      const [providers, profiles, issuers, links, configurations] = [
        await db('identity_providers').where(mine).orderBy('id'),
        await db('wallet_profiles').where(mine).orderBy('id'),
        await db('issuers').where(mine).orderBy('name'),
        await db('issuer_identity_providers').where(mine).orderBy('position'),
        await db('credential_configurations').where(mine).orderBy('position'),
      ]
      return {
        id: String(tenant.id),
        name: String(tenant.name),
        configurationVersion: Number(tenant.configuration_version),
        settings: parsed<unknown>(tenant.settings),
        identityProviders: providers.map((row) => ({
          ...settingsOf(row),
          secretsSealed: row.secrets_sealed ? Buffer.from(row.secrets_sealed) : undefined,
        })),
        walletProfiles: profiles.map(settingsOf),
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

/** What an object that may be written again looks like: its key, and its columns. */
type Versioned = {
  table: string
  key: Record<string, unknown>
  columns: Record<string, unknown>
  once?: Record<string, unknown>
}

/** The writable side: idempotent, and an object that did not change keeps its version. */
export const configurationObjects = (ask: Ask) => ({
  /** `created`, `changed` or `same`. Columns in `once` are written when the row is made and never again. */
  save: ({ table, key, columns, once = {} }: Versioned): Promise<'created' | 'changed' | 'same'> =>
    ask(async (db) => {
      const before = await db(table).where(key).first()
      if (!before) {
        await insertOnce(db, table, { ...key, ...once, ...columns, version: 1 })
        return 'created'
      }
      const same = Object.entries(columns).every(([column, value]) => equalColumns(before[column], value))
      if (same) return 'same'
      await db(table)
        .where(key)
        .update({ ...columns, version: db.raw('version + 1') })
      return 'changed'
    }),

  /** Rows of a join table, written whole. */
  replace: (table: string, owner: Record<string, unknown>, rows: Record<string, unknown>[]): Promise<boolean> =>
    ask(async (db) => {
      const before = await db(table).where(owner).orderBy('position')
      const same =
        before.length === rows.length &&
        rows.every((row, at) => Object.entries(row).every(([c, v]) => equalColumns(before[at][c], v)))
      if (same) return false
      await db(table).where(owner).delete()
      for (const row of rows) await db(table).insert({ ...owner, ...row })
      return true
    }),

  keys: (table: string, owner: Record<string, unknown>, column: string): Promise<string[]> =>
    ask(async (db) => (await db(table).where(owner).select(column)).map((row) => String(row[column]))),

  remove: (table: string, key: Record<string, unknown>): Promise<number> => ask((db) => db(table).where(key).delete()),
})

const equalColumns = (before: unknown, after: unknown): boolean =>
  before instanceof Uint8Array && after instanceof Uint8Array
    ? Buffer.from(before).equals(after)
    : (text(before) ?? '') === (text(after) ?? '')

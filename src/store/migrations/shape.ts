import type { Knex } from 'knex'

type Build = (table: Knex.CreateTableBuilder) => void

/**
 * A table with binary collation: with MySQL's default one `abcDEF` and `ABCdef` are one key.
 * One that is there already is left as it is: MySQL commits every CREATE TABLE, and a node may be killed between two of them.
 */
export async function create(knex: Knex, name: string, build: Build): Promise<void> {
  if (await knex.schema.hasTable(name)) return
  await knex.schema.createTable(name, (table) => {
    if (knex.client.dialect === 'mysql') {
      table.charset('utf8mb4')
      table.collate('utf8mb4_bin')
    }
    build(table)
  })
}

/** Adds the columns that a table lacks: MySQL commits every ALTER TABLE, and a node may be killed between two of them. */
export async function extend(
  knex: Knex,
  name: string,
  columns: Record<string, (table: Knex.CreateTableBuilder) => void>,
): Promise<void> {
  for (const [column, build] of Object.entries(columns)) {
    if (!(await knex.schema.hasColumn(name, column))) await knex.schema.alterTable(name, build)
  }
}

/** An id: a UUIDv7, bare inside and with a type prefix outside. */
export const id = (table: Knex.CreateTableBuilder, name: string) => table.string(name, 36)

/** A moment: milliseconds since 1970. */
export const moment = (table: Knex.CreateTableBuilder, name: string) => table.bigInteger(name)

/** SHA-256 or HMAC-SHA-256 in base64url. */
export const digest = (table: Knex.CreateTableBuilder, name: string) => table.string(name, 43)

/** A sealed value; up to 16 MiB on MySQL, whose plain BLOB ends at 64 KiB. */
export const sealed = (table: Knex.CreateTableBuilder, name: string) => table.specificType(name, 'mediumblob')

export const json = (table: Knex.CreateTableBuilder, name: string) => table.text(name, 'mediumtext')

/** The columns of everything that belongs to an issuer. */
export const owned = (table: Knex.CreateTableBuilder): void => {
  id(table, 'id').primary()
  id(table, 'tenant_id').notNullable()
  id(table, 'issuer_id').notNullable()
}
/** The columns of what a tenant names and sets, with its secrets apart. */
export const named = (table: Knex.CreateTableBuilder): void => {
  id(table, 'tenant_id').notNullable()
  table.string('id', 63).notNullable()
  json(table, 'settings').notNullable() // without the secrets
  sealed(table, 'secrets_sealed')
  table.integer('version').notNullable()
  moment(table, 'created_at').notNullable()
  table.primary(['tenant_id', 'id'])
}

/** Made, and expired, at. */
export const living = (table: Knex.CreateTableBuilder): void => {
  moment(table, 'created_at').notNullable()
  moment(table, 'expires_at').notNullable().index()
}

/** Whether an index of this name is there: MySQL commits it on its own, and a node may be killed before it. */
export async function hasIndex(knex: Knex, name: string): Promise<boolean> {
  const isMysql = knex.client.dialect === 'mysql'
  const answer = await knex.raw(
    isMysql
      ? 'SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = ?'
      : "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?",
    [name],
  )
  return (isMysql ? answer[0] : answer).length > 0
}

/** Adds an index that a table lacks, apart from its column: a node may be killed between the two. */
export async function index(knex: Knex, table: string, name: string, columns: string[]): Promise<void> {
  if (await hasIndex(knex, name)) return
  await knex.schema.alterTable(table, (made) => made.index(columns, name))
}

export const drop =
  (...names: string[]) =>
  async (knex: Knex): Promise<void> => {
    for (const name of names.reverse()) await knex.schema.dropTableIfExists(name)
  }

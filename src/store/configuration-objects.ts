import { type Ask, text } from './ask.ts'
import { insertOnce } from './database.ts'

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

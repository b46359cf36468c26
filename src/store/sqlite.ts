import { closeSync, mkdirSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import knex, { type Knex } from 'knex'
import { refuseInsideTransaction } from './scope.ts'

const require = createRequire(import.meta.url)
const Base: any = require('knex/lib/dialects/better-sqlite3/index.js')
const Transaction: any = require('knex/lib/dialects/sqlite3/execution/sqlite-transaction.js')

const busyMillis = 5000
const cachedStatements = 500

type Prepared = { statement: StatementSync; reads: boolean }

class Connection extends DatabaseSync {
  readonly statements = new Map<string, Prepared>()

  prepared(sql: string): Prepared {
    const known = this.statements.get(sql)
    if (known) return known
    const statement = this.prepare(sql)
    // Asked once: describing the columns costs more than reading a row.
    const prepared = { statement, reads: statement.columns().length > 0 }
    if (this.statements.size >= cachedStatements) this.statements.delete(this.statements.keys().next().value as string)
    this.statements.set(sql, prepared)
    return prepared
  }
}

const buffer = (value: unknown) =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value

/** node:sqlite's rows have no prototype and its blobs are bare Uint8Arrays. */
function plain(row: object): object {
  const copy: Record<string, unknown> = { ...row }
  for (const column in copy) copy[column] = buffer(copy[column])
  return copy
}

/** What knex begins with BEGIN would fail at once where two processes read and then write; IMMEDIATE waits for its turn. */
class ImmediateTransaction extends Transaction {
  begin(connection: unknown) {
    return this.query(connection, 'BEGIN IMMEDIATE;')
  }
}

/** knex on Node's own SQLite. knex has no types for its dialects, hence `any`. */
class SqliteClient extends Base {
  _driver() {
    return DatabaseSync
  }

  transaction(...args: unknown[]) {
    return new (ImmediateTransaction as any)(this, ...args)
  }

  acquireConnection() {
    refuseInsideTransaction()
    return super.acquireConnection()
  }

  _formatBindings(bindings: unknown): SQLInputValue[] {
    return super._formatBindings(bindings).map((value: unknown) => (value === undefined ? null : value))
  }

  async acquireRawConnection() {
    const { filename } = this.connectionSettings
    const connection = new Connection(filename, { timeout: 0, enableForeignKeyConstraints: true })
    // FULL: with NORMAL a power cut takes back the last transactions, and what was confirmed to a wallet must be there.
    await patiently(connection, () => connection.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL'))
    return connection
  }

  /** A COMMIT that failed leaves its transaction open; such a connection is closed, which rolls it back. */
  validateConnection(connection: Connection) {
    return connection.isOpen && !connection.isTransaction
  }

  async _query(connection: Connection, query: any) {
    await patiently(connection, () => {
      const { statement, reads } = connection.prepared(query.sql)
      const bindings = this._formatBindings(query.bindings)
      if (reads) query.response = statement.all(...bindings).map(plain)
      else {
        const { lastInsertRowid, changes } = (query.response = statement.run(...bindings))
        query.context = { lastID: Number(lastInsertRowid), changes: Number(changes) }
      }
    })
    return query
  }
}

/** Waits while another process writes. SQLite's own waiting would stop this process's event loop meanwhile. */
async function patiently(connection: Connection, work: () => void): Promise<void> {
  for (const end = performance.now() + busyMillis; ; ) {
    try {
      return work()
    } catch (error) {
      const busy = ((error as { errcode?: number }).errcode ?? 0) & 0xff
      if (busy !== 5 || connection.isTransaction || performance.now() > end) throw error
      await pause(1 + Math.random() * 4)
    }
  }
}

/** knex on the file that a `sqlite:PATH` URL names; the file is made, for its owner only, if it is missing. */
export function openSqlite(url: string, settings: Knex.Config): Knex {
  const filename = url.slice('sqlite:'.length).replace(/^\/\//, '')
  if (filename === '') throw new Error('The database URL sqlite: names no file')
  if (filename !== ':memory:') {
    mkdirSync(dirname(filename), { recursive: true })
    closeSync(openSync(filename, 'a', 0o600))
  }
  const pool = { min: 1, max: 1, acquireTimeoutMillis: 10_000 }
  return knex({ ...settings, client: SqliteClient as any, connection: { filename }, pool })
}

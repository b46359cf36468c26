import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import knex, { type Knex } from 'knex'
import type { Connection } from 'mysql2'
import { refuseInsideTransaction } from './scope.ts'

type Statement = { sql: string; options?: { timeout?: number } }
type Mysql2Client = Knex.Client & { _query(connection: Connection, statement: Statement): Promise<unknown> }

const require = createRequire(import.meta.url)
const Base = require('knex/lib/dialects/mysql2/index.js') as new (config: Knex.Config) => Mysql2Client

/** A server that accepts a statement and never answers (a paused member, a cut network) is an outage, too. */
const answerMillis = 10_000

/** knex on mysql2, with a limit to how long an answer may take. */
class MysqlClient extends Base {
  acquireConnection() {
    refuseInsideTransaction()
    return super.acquireConnection()
  }

  async _query(connection: Connection, statement: Statement): Promise<unknown> {
    statement.options = { timeout: answerMillis, ...statement.options }
    try {
      return await super._query(connection, statement)
    } catch (error) {
      if ((error as { code?: string }).code === 'PROTOCOL_SEQUENCE_TIMEOUT') connection.destroy()
      throw error
    }
  }
}

/** The same without the limit, for migrations: a large table takes its time. */
class PatientClient extends Base {}

const sessionSettings = [
  // Unique keys and conditional UPDATEs decide, so nothing here needs the gap locks of REPEATABLE READ, which deadlock inserts.
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  // The server's own may cut values that are too long, or let a backslash escape nothing.
  `SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 3`,
]

const parameters = ['ssl', 'ssl-ca', 'ssl-cert', 'ssl-key', 'pool']

/**
 * knex on the server that a `mysql://user:password@host:port/database` URL names. `?ssl-ca=FILE` (own CA), `ssl-cert` and
 * `ssl-key` (client certificate) or `ssl=true` (public CAs) ask for TLS, where the certificate must name the host; `pool` is
 * the most connections (20). Throws for a parameter it does not know: a misspelt `ssl-ca` must not mean "no TLS".
 */
export function openMysql(url: string, settings: Knex.Config, { patient = false } = {}): Knex {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  for (const name of searchParams.keys()) {
    if (!parameters.includes(name)) throw new Error(`The database URL has an unknown parameter ${name}`)
  }
  const file = (name: string) => {
    const path = searchParams.get(name)
    return path === null ? {} : { [name.slice('ssl-'.length)]: readFileSync(path) }
  }
  const tls = searchParams.get('ssl') === 'true' || [...searchParams.keys()].some((name) => name.startsWith('ssl-'))
  return knex({
    ...settings,
    client: (patient ? PatientClient : MysqlClient) as unknown as typeof Knex.Client,
    connection: {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 3306),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
      charset: 'utf8mb4',
      timezone: 'Z',
      supportBigNumbers: true,
      decimalNumbers: true,
      connectTimeout: 3000,
      ...(tls && {
        ssl: {
          ...file('ssl-ca'),
          ...file('ssl-cert'),
          ...file('ssl-key'),
          minVersion: 'TLSv1.2',
          verifyIdentity: true,
        },
      }),
    },
    pool: {
      min: 0,
      max: Number(searchParams.get('pool') ?? 20),
      acquireTimeoutMillis: 5000,
      afterCreate: (connection: Connection, done: (error: unknown) => void) => {
        const next = (index: number) => {
          const sql = sessionSettings[index]
          if (sql === undefined) done(null)
          else connection.query(sql, (error) => (error ? done(error) : next(index + 1)))
        }
        next(0)
      },
    },
  })
}

import type { Knex } from 'knex'
import { openMysql } from './mysql.ts'
import { openSqlite } from './sqlite.ts'

const silent = { warn: () => {}, error: () => {}, deprecate: () => {}, debug: () => {} } // what they say is in the errors, too

/** No value reaches a message: knex leaves the bindings out, and MySQL's sentences, which quote them, give way to their code. */
const settings: Knex.Config = { useNullAsDefault: true, compileSqlOnError: false, log: silent }

function redact(error: Error & { errno?: number; code?: string; sql?: string; sqlMessage?: string }): void {
  if (error.sqlMessage !== undefined) error.message = error.message.replace(error.sqlMessage, String(error.code))
  delete error.sql
  delete error.sqlMessage
}

/**
 * knex on the database that a `sqlite:PATH` or `mysql://…` URL names; `patient` for work that may take longer than a request.
 * Throws for any other URL.
 */
export function connect(url: string, options: { patient?: boolean } = {}): Knex {
  const scheme = url.slice(0, url.indexOf(':'))
  if (scheme !== 'sqlite' && scheme !== 'mysql')
    throw new Error('The database URL begins with neither sqlite: nor mysql://')
  const db = scheme === 'sqlite' ? openSqlite(url, settings) : openMysql(url, settings, options)
  db.on('query-error', redact)
  return db
}

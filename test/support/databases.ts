import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Connection, createConnection } from 'mysql2/promise'
import { addressOf, has } from './addresses.ts'

/** All databases of one `npm test` begin with this; it drops them at its end. */
const prefixOf = (run: string): string => `claimgate_test_${run}_`

/** A server whose machine is busy with tests may hang up on a handshake: that says nothing about the product. */
async function connectPatiently(server: string, triesLeft = 5): Promise<Connection> {
  try {
    return await createConnection({ uri: server, connectTimeout: 30_000 })
  } catch (error) {
    if (triesLeft === 0) throw error
    await setTimeout(1000)
    return connectPatiently(server, triesLeft - 1)
  }
}

async function createDatabase(server: string): Promise<string> {
  const name = prefixOf(process.env.TEST_RUN ?? 'alone') + randomBytes(6).toString('hex')
  const connection = await connectPatiently(server)
  await connection.query(`create database ${name}`)
  await connection.end()
  return name
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = name
  return url.href
}

async function newSqlite(): Promise<string> {
  return `sqlite:${join(mkdtempSync(join(process.env.TEST_RUN_DIR ?? tmpdir(), 'claimgate-')), 'claimgate.sqlite')}`
}

async function newMariadb(): Promise<string> {
  const server = addressOf('MariaDB')
  return withDatabase(server, await createDatabase(server))
}

/** One fresh, empty database on the Galera cluster: its URL at each of the three members. */
export async function newGalera(): Promise<string[]> {
  const servers = addressOf('Galera').split(',')
  const name = await createDatabase(servers[0]!)
  return servers.map((server) => withDatabase(server, name))
}

/** The kinds of database there are. Each call of `url` makes a fresh, empty database and answers its `CLAIMGATE_DATABASE_URL`. */
export const databases: { name: string; url: () => Promise<string> }[] = [
  { name: 'SQLite', url: newSqlite },
  ...(has('MariaDB') ? [{ name: 'MariaDB', url: newMariadb }] : []),
]

/** Drops every database that a run made on a server. */
export async function dropDatabases(server: string, run: string): Promise<void> {
  const connection = await connectPatiently(server)
  const [rows] = await connection.query('select schema_name as name from information_schema.schemata')
  for (const { name } of rows as { name: string }[]) {
    if (name.startsWith(prefixOf(run))) await connection.query(`drop database ${name}`)
  }
  await connection.end()
}

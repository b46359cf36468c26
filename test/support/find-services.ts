import { accessSync, constants } from 'node:fs'
import { createConnection } from 'mysql2/promise'
import type { ServiceName } from './addresses.ts'

const anywhere = (port: number): string => `mysql://claimgate:claimgate@127.0.0.1:${port}/claimgate`

async function answers(url: string, question: string, expected: string): Promise<boolean> {
  try {
    const connection = await createConnection({ uri: url, connectTimeout: 3000 })
    const [rows] = await connection.query(question)
    await connection.end()
    return JSON.stringify(rows).includes(expected)
  } catch {
    return false
  }
}

async function isServed(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(10_000) })).ok
  } catch {
    return false
  }
}

async function findKeycloak(url = 'http://127.0.0.1:8180'): Promise<string | undefined> {
  return (await isServed(`${url}/realms/acme`)) ? url : undefined
}

async function findMariadb(url = anywhere(13306)): Promise<string | undefined> {
  return (await answers(url, 'select 1 as one', '1')) ? url : undefined
}

async function findGalera(urls = [13311, 13312, 13313].map(anywhere).join(',')): Promise<string | undefined> {
  const ready = urls.split(',').map((url) => answers(url, `show status like 'wsrep_ready'`, '"ON"'))
  return (await Promise.all(ready)).every(Boolean) ? urls : undefined
}

async function findChromium(path = '/usr/bin/chromium'): Promise<string | undefined> {
  try {
    accessSync(path, constants.X_OK)
    return path
  } catch {
    return undefined
  }
}

/** How each service is looked for (where the variable says, else where `test/services` puts it), and how one gets it. */
export const services: Record<ServiceName, { find: (where?: string) => Promise<string | undefined>; hint: string }> = {
  Keycloak: {
    find: findKeycloak,
    hint: 'a Keycloak with realm acme: test/services/keycloak start --realm keycloak/realm-acme.json',
  },
  MariaDB: { find: findMariadb, hint: 'test/services/mariadb start' },
  Galera: { find: findGalera, hint: 'test/services/galera start' },
  Chromium: { find: findChromium, hint: 'apt-get install chromium' },
}

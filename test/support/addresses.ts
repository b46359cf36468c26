/** Where `npm test` says that it found a service; the tests read these and nothing else. */
export const variableOf = {
  Keycloak: 'TEST_KEYCLOAK_URL',
  MariaDB: 'TEST_DATABASE_URL',
  Galera: 'TEST_GALERA_URLS',
  Chromium: 'TEST_CHROMIUM',
} as const

export type ServiceName = keyof typeof variableOf

export const has = (name: ServiceName): boolean => Boolean(process.env[variableOf[name]])

/** The service's address, or its path. Throws if it is not there: ask `has`, or register the test with `needs`. */
export function addressOf(name: ServiceName): string {
  const address = process.env[variableOf[name]]
  if (!address) throw new Error(`There is no ${name}; see test/run.ts.`)
  return address
}

import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Applied, applyTenant } from '../../src/administration/apply.ts'
import { checkTenant } from '../../src/administration/check-tenant.ts'
import { assemble } from '../../src/assemble.ts'
import { readConfig } from '../../src/config.ts'
import { adminApp } from '../../src/http/admin/app.ts'
import { makeLog } from '../../src/lib/log.ts'
import type { LiveIssuer } from '../../src/model/live.ts'
import type { WrittenTenantFile } from '../../src/model/tenant.ts'
import type { Services } from '../../src/services.ts'
import { databases } from './databases.ts'
import { remember } from './secrets.ts'

export const platformKey = remember('platform-key-of-the-admin-tests', 'API key')

export type Answer = { status: number; headers: Headers; body: Record<string, unknown>; text: string }
type Call = { key?: string; body?: unknown; headers?: Record<string, string> }

/** The admin API alone, over a database that the tests of a file share; every test takes a tenant of its own. */
export type Admin = {
  name: string
  url: string
  services: Services
  call(method: string, path: string, call?: Call): Promise<Answer>
  wait(time: { minutes: number }): void
  /** Past what the node keeps in memory for a second. */
  forget(): void
  stop(): Promise<void>
}

const environment = {
  CLAIMGATE_PUBLIC_URL: 'https://id.example',
  CLAIMGATE_SECRET: remember('the-secret-of-the-admin-tests-0123456789', 'secret'),
  CLAIMGATE_API_KEY: platformKey,
}
const { TEST_LOG_DIR } = process.env
const logFile = () =>
  createWriteStream(TEST_LOG_DIR ? `${TEST_LOG_DIR}/admin-${process.pid}.log` : '/dev/null', { flags: 'a' })

async function startAdmin(name: string, databaseUrl: string): Promise<Admin> {
  let offset = 0
  const config = readConfig({ ...environment, CLAIMGATE_DATABASE_URL: databaseUrl })
  const clock = () => new Date(Date.now() + offset)
  const services = await assemble(config, { clock, log: makeLog({ level: 'debug', destination: logFile() }) })
  const answer = adminApp(services).callback()
  const server = createServer((request, response) => {
    request.url = request.url?.replace(/^\/api/, '')
    void answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    name,
    url,
    services,
    async call(method, path, { key, body, headers = {} } = {}) {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          ...(key !== undefined && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : {}, text }
    },
    wait: ({ minutes }) => {
      offset += minutes * 60_000
    },
    forget: () => {
      offset += 2000
    },
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await services.close()
    },
  }
}

/** One for each kind of database there is. */
export const startAdmins = (): Promise<Admin[]> =>
  Promise.all(databases.map(async ({ name, url }) => startAdmin(name, await url())))

const secretOfProvider = remember('the-client-secret-of-the-provider', 'client secret')

/** A tenant with an issuer for each way to a credential, as one writes it. */
export const tenantFile = (tenant: string) =>
  ({
    tenant,
    display: [{ name: 'Acme', locale: 'en' }],
    identity_providers: {
      idp: { kind: 'oidc', issuer: 'https://idp.example', client_id: 'claimgate', client_secret: secretOfProvider },
    },
    wallet_profiles: { pocket: { client_id: 'pocket', name: 'Pocket', redirect_uris: ['https://pocket.example/cb'] } },
    api_clients: { portal: {} },
    issuers: {
      staff: {
        wallets: ['pocket'],
        grants: { authorization_code: { identity_providers: ['idp'] } },
        credential_configurations: {
          Badge: { format: 'dc+sd-jwt', claims: { given_name: { from: 'id_token.given_name', mandatory: true } } },
        },
      },
      campus: {
        wallets: ['pocket'],
        grants: { authorization_code: { identity_providers: ['idp'] }, pre_authorized_code: {} },
        credential_configurations: {
          Card: { format: 'dc+sd-jwt', claims: { given_name: { from: 'offer.given_name', mandatory: true } } },
          Pass: { format: 'dc+sd-jwt', claims: { number: { from: 'offer.number', type: 'integer' } } },
        },
      },
    },
  }) satisfies WrittenTenantFile

/** Applies a file that has no mistakes, and notes the keys that it made. */
export async function applied(services: Services, file: unknown): Promise<Applied & { key: string }> {
  const checked = checkTenant(file, { demo: false, now: services.clock() })
  if ('mistakes' in checked) throw new Error(JSON.stringify(checked.mistakes))
  const result = await applyTenant(services, checked.written)
  for (const { key } of result.apiKeys) remember(key, 'API key')
  return { ...result, key: result.apiKeys[0]?.key ?? '' }
}

export async function issuerOf(services: Services, tenant: string, name: string): Promise<LiveIssuer> {
  const issuer = await services.configuration.findIssuer(tenant, name)
  if (!issuer) throw new Error(`There is no issuer ${name}.`)
  return issuer
}

import { randomInt } from 'node:crypto'
import { closeSync, createWriteStream, mkdirSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type Config, readConfig } from '../../src/config.ts'
import { makeLog } from '../../src/lib/log.ts'
import { startNode } from '../../src/main.ts'
import type { Services } from '../../src/services.ts'
import { databases } from './databases.ts'
import { type IdentityProvider, startIdentityProvider } from './identity-provider.ts'
import { remember } from './secrets.ts'
import { actionsOn, applyTestTenant, type TenantOptions } from './tenant.ts'

export type NodeOptions = TenantOptions & {
  /** Default: a fresh SQLite file. */
  databaseUrl?: string
  /** The clock's lead over the real one, in milliseconds. */
  clockOffset?: number
  fetch?: typeof globalThis.fetch
  /** One that is there already; default: one of its own. */
  identityProvider?: IdentityProvider
  config?: Partial<Config>
  /** Hears every line of the log. */
  onLog?: (line: string) => void
}

export type TestNode = {
  url: string
  services: Services
  identityProvider: IdentityProvider
  /** Moves the clock of the node and of its wallets on. */
  wait(time: { minutes?: number; seconds?: number }): void
  stop(): Promise<void>
} & ReturnType<typeof actionsOn>

export const secret = 'the-secret-of-the-test-nodes-0123456789'
export const callbackPath = '/test/callback/idp'

/** Where a node's log goes: a file that `npm test` searches for secrets, or nowhere. */
export function logFile(): NodeJS.WritableStream {
  const folder = process.env.TEST_LOG_DIR
  const name = `node-${process.pid}-${randomInt(2 ** 40).toString(36)}.log`
  return createWriteStream(folder === undefined ? '/dev/null' : join(folder, name), { flags: 'a' })
}

/** Claims a port for this run: what one test has, even if it does not listen just now, no other takes. */
function claimPort(port: number): boolean {
  const { TEST_RUN_DIR: run } = process.env
  if (run === undefined) return true
  const folder = join(run, 'ports')
  mkdirSync(folder, { recursive: true })
  try {
    closeSync(openSync(join(folder, String(port)), 'wx'))
    return true
  } catch {
    return false
  }
}

/** A port that is free now, below those that outgoing connections take, and of this test alone. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + randomInt(12_000)
    if (!claimPort(port)) continue
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const server = createServer().on('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
    if (await promise) return port
  }
}

/** The configuration of a test node, as it would be in production but for `http` on this machine. */
export function testConfig(settings: { port: number; publicUrl: string; databaseUrl: string }): Config {
  remember(secret, 'secret')
  const environment = {
    CLAIMGATE_SECRET: secret,
    CLAIMGATE_PUBLIC_URL: 'https://test.example',
    CLAIMGATE_ALLOW_ADDRESSES: '127.0.0.0/8,::1/128',
    CLAIMGATE_LOG_LEVEL: 'debug',
    CLAIMGATE_BIND: '127.0.0.1',
  }
  return { ...readConfig(environment), ...settings }
}

/**
 * A node in this process, with a database and an identity provider (`idp`, with alice and bob) of its own, the tenant `test`, and a
 * clock that moves when told.
 */
export async function startTestNode(options: NodeOptions = {}): Promise<TestNode> {
  const port = await freePort()
  const publicUrl = `http://localhost:${port}`
  const databaseUrl = options.databaseUrl ?? (await databases[0]!.url())
  let offset = options.clockOffset ?? 0
  const clock = () => new Date(Date.now() + offset)
  const identityProvider =
    options.identityProvider ?? (await startIdentityProvider({ redirectUris: [publicUrl + callbackPath] }))
  const file = logFile()
  const write = (line: string) => {
    options.onLog?.(line)
    file.write(line)
  }
  const log = makeLog({ level: 'debug', destination: { write } })
  const config = { ...testConfig({ port, publicUrl, databaseUrl }), ...options.config }
  const node = await startNode(config, { clock, log, ...(options.fetch && { fetch: options.fetch }) })
  await applyTestTenant(node.services, identityProvider, options)
  return {
    url: publicUrl,
    services: node.services,
    identityProvider,
    ...actionsOn(node.services, globalThis.fetch),
    wait: ({ minutes = 0, seconds = 0 }) => {
      offset += minutes * 60_000 + seconds * 1000
    },
    stop: async () => {
      await node.stop()
      if (!options.identityProvider) await identityProvider.stop()
    },
  }
}

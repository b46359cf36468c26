import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { assemble } from '../../src/assemble.ts'
import { makeLog } from '../../src/lib/log.ts'
import type { Services } from '../../src/services.ts'
import { databases } from './databases.ts'
import { type IdentityProvider, startIdentityProvider } from './identity-provider.ts'
import { callbackPath, logFile, secret, testConfig } from './node.ts'
import { actionsOn, applyTestTenant, type TenantOptions } from './tenant.ts'

type Fetch = typeof globalThis.fetch

export type NodeProcess = {
  port: number
  child: ChildProcess
  /** What a client that reaches this node alone would call. */
  fetch: Fetch
  /** Ends it at once, or as a signal does; answers when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

export type NodeProcesses = {
  /** The public address of all of them. */
  url: string
  nodes: NodeProcess[]
  /** This process's own, over the same database. */
  services: Services
  identityProvider: IdentityProvider
  /** The proxy in front of them: every request goes to the next node. */
  fetch: Fetch
  stop(): Promise<void>
} & ReturnType<typeof actionsOn>

export type ProcessOptions = TenantOptions & {
  /** One for all, or one for each (the members of a cluster). Default: a fresh SQLite file for all. */
  databaseUrls?: string[]
  environment?: Record<string, string>
}

const publicUrl = 'https://nodes.example'
const main = join(import.meta.dirname, '../../src/cli/main.ts')

/** As a proxy that ends TLS does it: requests to the public address go to whichever port comes next. */
const proxyTo =
  (next: () => number): Fetch =>
  (input, init) => {
    const request = new Request(input, init)
    const { origin, pathname, search } = new URL(request.url)
    if (origin !== publicUrl) return fetch(request)
    return fetch(new Request(`http://127.0.0.1:${next()}${pathname}${search}`, request))
  }

async function startProcess(databaseUrl: string, environment: Record<string, string>): Promise<NodeProcess> {
  const others = Object.entries(process.env).filter(([name]) => !/^(CLAIMGATE|TEST)_/.test(name))
  const child = spawn(process.execPath, [main, 'start'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(others),
      PORT: '0',
      CLAIMGATE_BIND: '127.0.0.1',
      CLAIMGATE_PUBLIC_URL: publicUrl,
      CLAIMGATE_SECRET: secret,
      CLAIMGATE_DATABASE_URL: databaseUrl,
      CLAIMGATE_ALLOW_ADDRESSES: '127.0.0.0/8',
      ...environment,
    },
  })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  const file = logFile()
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const complaints: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      file.write(`${line}\n`)
      complaints.push(line)
      const [, port] = /"port":(\d+).*"Claimgate is ready"/.exec(line) ?? []
      if (port) resolve(Number(port))
    })
  }
  child.once('exit', () => {
    process.off('exit', end)
    file.end()
    reject(new Error(`The node ended:\n${complaints.slice(-20).join('\n')}`))
  })
  const port = await promise
  return {
    port,
    child,
    fetch: proxyTo(() => port),
    async kill(signal = 'SIGKILL') {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      await once(child, 'exit')
    },
  }
}

/**
 * As many nodes, each an operating-system process as in production, which share nothing but the database. The tenant `test` is
 * applied and offers are made by this process, over the same database.
 */
export async function startNodeProcesses(count: number, options: ProcessOptions = {}): Promise<NodeProcesses> {
  const databaseUrls = options.databaseUrls ?? [await databases[0]!.url()]
  const identityProvider = await startIdentityProvider({ redirectUris: [publicUrl + callbackPath] })
  const config = testConfig({ port: 0, publicUrl, databaseUrl: databaseUrls[0]! })
  const services = await assemble(config, { log: makeLog({ level: 'debug', destination: logFile() }) })
  await applyTestTenant(services, identityProvider, options)
  const urls = Array.from({ length: count }, (_, at) => databaseUrls[at % databaseUrls.length]!)
  const nodes = await Promise.all(urls.map((url) => startProcess(url, options.environment ?? {})))
  let turn = 0
  const fetch = proxyTo(() => nodes[turn++ % count]!.port)
  return {
    url: publicUrl,
    nodes,
    services,
    identityProvider,
    fetch,
    ...actionsOn(services, fetch),
    async stop() {
      await Promise.all(nodes.map((node) => node.kill('SIGTERM')))
      await services.close()
      await identityProvider.stop()
    },
  }
}

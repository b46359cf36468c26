import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { assemble } from './assemble.ts'
import type { Config } from './config.ts'
import { serve } from './http/server.ts'
import { schedule } from './schedule.ts'
import type { Services } from './services.ts'

export type RunningNode = { url: string; port: number; services: Services; stop: () => Promise<void> }
type Overrides = Parameters<typeof assemble>[1]

/** Starts one node: assembles, mounts, listens, and stops cleanly: running requests are finished, new ones refused. */
export async function startNode(config: Config, overrides: Overrides = {}): Promise<RunningNode> {
  const services = await assemble(config, overrides)
  const stopping = new AbortController()
  // Only the demo loads what only the demo knows.
  const demo = config.demo ? await (await import('./demo/seed.ts')).startDemo(services) : undefined
  const { server } = serve(services, stopping.signal, demo?.routers)
  server.listen(config.port, config.bind)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stopJobs = schedule(services)
  services.log.info({ port, url: config.publicUrl, database: services.database.kind }, 'Claimgate is ready')
  demo?.announce()

  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= (async () => {
      stopping.abort()
      stopJobs()
      server.close()
      server.closeIdleConnections()
      const force = setTimeout(() => server.closeAllConnections(), 10_000)
      if (server.listening || server.connections !== 0) await once(server, 'close')
      clearTimeout(force)
      await demo?.stop()
      await services.close()
    })()
    return stopped
  }
  return { url: config.publicUrl, port, services, stop }
}

/** Runs a node until a signal stops it. */
export async function runNode(config: Config): Promise<void> {
  const node = await startNode(config)
  const signal = await Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name).then(() => name)))
  node.services.log.info({ signal }, 'Stopping')
  await node.stop()
}

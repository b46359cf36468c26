import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { assemble } from './assemble.ts'
import type { Config } from './config.ts'
import type { Demo } from './demo/seed.ts'
import { closeServer, serve } from './http/server.ts'
import { schedule } from './schedule.ts'
import type { Services } from './services.ts'

export type RunningNode = { url: string; port: number; services: Services; stop: () => Promise<void> }
type Overrides = Parameters<typeof assemble>[1]

/** Starts one node: assembles, mounts, listens, and stops cleanly: running requests are finished, new ones refused. */
export async function startNode(config: Config, overrides: Overrides = {}): Promise<RunningNode> {
  const services = await assemble(config, overrides)
  const stopping = new AbortController()
  let demo: Demo | undefined
  const listen = async () => {
    // Only the demo loads what only the demo knows.
    if (config.demo) demo = await (await import('./demo/seed.ts')).startDemo(services)
    const { server } = serve(services, stopping.signal, demo?.routers)
    server.listen(config.port, config.bind)
    await once(server, 'listening')
    return server
  }
  const end = async () => {
    await demo?.stop()
    await services.close()
  }
  const server = await listen().catch(async (error: unknown) => {
    await end() // else what is open would keep a process alive that serves nothing
    throw error
  })
  const { port } = server.address() as AddressInfo
  const stopJobs = schedule(services)
  services.log.info({ port, url: config.publicUrl, database: services.database.kind }, 'Claimgate is ready')
  demo?.announce()

  let stopped: Promise<void> | undefined
  const finish = async () => {
    stopping.abort()
    stopJobs()
    await closeServer(server)
    await end()
  }
  return { url: config.publicUrl, port, services, stop: () => (stopped ??= finish()) }
}

/** Runs a node until a signal stops it. */
export async function runNode(config: Config): Promise<void> {
  const node = await startNode(config)
  const signal = await Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name).then(() => name)))
  node.services.log.info({ signal }, 'Stopping')
  await node.stop()
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort, logFile } from './node.ts'

export type Demo = {
  url: string
  /** Where the demo provider and the demo wallet are. */
  demoUrl: string
  /** What it wrote to the terminal so far. */
  written: string[]
  stop(): Promise<void>
}

const main = join(import.meta.dirname, '../../src/cli/main.ts')

/** What `npm start` runs, as a process of its own on free ports and with a new data folder. Answers when `/readyz` does. */
export async function startDemo(environment: Record<string, string> = {}): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'claimgate-demo-'))
  const [port, demoPort] = [await freePort(), await freePort()]
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [main, 'start', '--demo'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, PORT: `${port}`, CLAIMGATE_DEMO_PORT: `${demoPort}`, CLAIMGATE_DATA: folder, ...environment },
  })
  const log = logFile()
  const written: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`)
      written.push(line)
    })
  }
  const url = `http://localhost:${port}`
  const isReady = () =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`The demo ended:\n${written.join('\n')}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    demoUrl: `http://localhost:${demoPort}`,
    written,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      log.end()
      rmSync(folder, { recursive: true })
    },
  }
}

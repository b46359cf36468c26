import type { NodeProcesses } from './node-processes.ts'

type Fetch = typeof globalThis.fetch

/** A journey, told after each of its steps. */
export type Journey = (fetch: Fetch, here: (step: string) => Promise<void>) => Promise<void>

/** Runs each journey at the first node up to a step of it, kills that node, and lets them go on at the second one. */
export async function killAfterSteps({ nodes }: NodeProcesses, journeys: [Journey, step: string][]): Promise<void> {
  const killed = Promise.withResolvers<void>()
  let at = 0
  const fetch: Fetch = (input, init) => nodes[at]!.fetch(input, init)
  const arrived: Promise<void>[] = []
  const upTo = ([journey, last]: (typeof journeys)[number]) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    arrived.push(promise)
    const ended = journey(fetch, async (step) => {
      if (step !== last) return
      resolve()
      await killed.promise
    })
    return ended.finally(resolve)
  }
  const all = Promise.all(journeys.map(upTo))
  await Promise.all(arrived)
  await nodes[0]!.kill()
  at = 1
  killed.resolve()
  await all
}

import { type CutProxy, startCutProxy } from './cut-proxy.ts'
import { startTestNode } from './node.ts'
import { open } from './store-process.ts'

type Fetch = typeof globalThis.fetch

/** A node that reaches its database at this URL through a proxy, and the same database past both. */
export async function startBehindProxy(url: string, options: Parameters<typeof startTestNode>[0] = {}) {
  const proxy = await startCutProxy(url)
  const node = await startTestNode({ ...options, databaseUrl: proxy.url })
  const direct = await open(url)
  const port = Number(new URL(proxy.url).port)
  return {
    node,
    db: direct.db,
    proxy,
    /** The database is there again, at the same address. */
    back: () => startCutProxy(url, port),
    async stop() {
      await node.stop()
      await direct.close()
      await proxy.stop()
    },
  }
}

export type Behind = Awaited<ReturnType<typeof startBehindProxy>>

/**
 * Runs a journey once for each decision that the database takes in it, and each time loses the answer to another one, or,
 * with `before`, the decision itself. Answers the requests that lost one.
 */
export async function loseEachAnswer(
  { proxy, node }: Behind,
  journey: (fetch: Fetch) => Promise<void>,
  when: Parameters<CutProxy['cutDecision']>[1] = 'after',
): Promise<Set<string>> {
  const steps = new Set<string>()
  await journey(fetch)
  for (let nth = 1; ; nth++) {
    const before = proxy.cuts()
    let seen = before
    proxy.cutDecision(nth, when)
    await journey(async (input, init) => {
      const answer = await fetch(input, init)
      const { origin, pathname } = new URL(input instanceof Request ? input.url : input)
      if (proxy.cuts() > seen && origin === node.url) {
        const [step] = /offers|par|authorize|callback|consent|token|deferred|credential/.exec(pathname) ?? []
        steps.add(`${init?.method ?? 'GET'} ${step}`)
      }
      seen = proxy.cuts()
      return answer
    })
    if (proxy.cuts() === before) return steps
  }
}

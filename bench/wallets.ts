// Many wallets in a process of their own: what they sign and wait for costs the node nothing.
import { byPreAuthorizedCode, bySignIn, byVariant, type Variant } from './journeys.ts'

const journeys = { byPreAuthorizedCode, bySignIn, byVariant }

export type Work = {
  journey: keyof typeof journeys
  /** Of the server; its issuer has this identifier. */
  port: number
  identifier: string
  /** One for each issuance; a sign-in needs none. */
  codes: string[]
  concurrency: number
  variant?: Variant
}
/** Milliseconds of each step, by its name. */
export type Done = { steps: Record<string, number[]>; seconds: number }

async function work(given: Work): Promise<Done> {
  const { codes, concurrency } = given
  const steps: Done['steps'] = {}
  const note = (step: string, startedAt: number) => {
    steps[step] ??= []
    steps[step].push(performance.now() - startedAt)
  }
  const journey = journeys[given.journey](given, note)
  const startedAt = performance.now()
  let next = 0
  const wallet = async () => {
    const issue = journey.newWallet()
    while (next < codes.length) {
      const [begunAt, code] = [performance.now(), codes[next++]!]
      await issue(code)
      note('issuance', begunAt)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, wallet))
  const seconds = (performance.now() - startedAt) / 1000
  journey.end()
  return { steps, seconds }
}

process.on('message', async (message: Work) => {
  process.send?.(await work(message))
})

import { liftSuspensions } from './issuance/set-status.ts'
import { newId } from './lib/ids.ts'
import type { Services } from './services.ts'
import { takeLease } from './store/leases.ts'
import { purge } from './store/purge.ts'

type Job = { name: string; everySeconds: number; run: () => Promise<void> }

/** Work without a request. Each job takes its lease first, so that of all nodes one does it; answers what stops them. */
export function schedule(services: Services): () => void {
  const { database, clock, tables, log } = services
  const holder = newId(services)
  const jobs: Job[] = [
    {
      name: 'purge',
      everySeconds: 300,
      run: async () => {
        await purge((question) => database.ask(question))(clock())
        await tables.offers.wipeExpired(clock())
        await tables.sharedOffers.wipeExpired(clock())
      },
    },
    {
      name: 'lift suspensions',
      everySeconds: 30,
      run: async () => void (await liftSuspensions(services)),
    },
  ]
  const timers = jobs.map(({ name, everySeconds, run }) => {
    const tick = async () => {
      try {
        if (await takeLease(database, `job ${name}`, holder, everySeconds, clock())) await run()
      } catch (error) {
        log.warn({ job: name, err: error }, 'A scheduled job failed; it runs again')
      }
    }
    return setInterval(() => void tick(), everySeconds * 1000).unref()
  })
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}

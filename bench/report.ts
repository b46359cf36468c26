import { cpus, release } from 'node:os'
import type { Done } from './wallets.ts'

export type Measured = Done & { issuances: number; concurrency: number; processorMs: number }

const shown = (number: number, digits = 2) => number.toFixed(digits).padStart(9)

export function machine(): string {
  const { length, 0: processor } = cpus()
  return `${length} × ${processor?.model ?? 'unknown processor'}, Linux ${release()}, Node ${process.versions.node}, SQLite`
}

export function report(name: string, { steps, seconds, issuances, concurrency, processorMs }: Measured): void {
  console.log(`\n${name}`)
  console.log(
    `${shown(issuances / seconds, 0)} issuances a second, ${concurrency} wallets at once, ${issuances} issuances`,
  )
  console.log(`${shown(processorMs / issuances, 3)} ms of the server's processor time an issuance`)
  console.log('  latency in ms       p50       p95       p99')
  for (const [step, values] of Object.entries(steps)) {
    const sorted = values.toSorted((a, b) => a - b)
    const percentiles = [0.5, 0.95, 0.99].map((share) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
    console.log(`  ${step.padEnd(12)}${percentiles.map((value) => ` ${shown(value)}`).join('')}`)
  }
}

const each = ({ processorMs, issuances }: Measured) => processorMs / issuances
const rate = ({ issuances, seconds }: Measured) => issuances / seconds

/** How much more than the raw sum. */
export const ratio = (node: Measured, sum: Measured): string =>
  `\nRatio to the raw sum: ${(each(node) / each(sum)).toFixed(2)} by processor time, ${(rate(sum) / rate(node)).toFixed(2)} by throughput`

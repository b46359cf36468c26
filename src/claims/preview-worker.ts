import { parentPort, workerData } from 'node:worker_threads'
import { compilePlan } from './plan.ts'
import type { PreviewTask } from './preview.ts'
import { tracePlan } from './trace.ts'

// The thread in which rules are tried: what runs too long in it is ended from outside, and takes no request of others with it.

const { configuration, options, sources, now } = workerData as PreviewTask
const longest = 300

/** What was read and what the steps made of it is there to be looked at: of a portrait the beginning will do. */
const readable = (_: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'string' || value.length <= longest) return value
  return `${value.slice(0, longest)}… (${value.length} characters)`
}

const compiled = compilePlan(configuration, options)
if ('mistakes' in compiled) throw new Error('The claim rules do not compile.')
parentPort?.postMessage({ isReady: true })
const begun = (at: string) => parentPort?.postMessage({ at })
const { claims, missing, unusable, traces } = tracePlan(compiled.plan, sources, now, begun)
parentPort?.postMessage({ done: { claims, missing, unusable, traces: JSON.parse(JSON.stringify(traces, readable)) } })

import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Sources } from '../model/claim-mapping.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { EvaluatedClaims } from './evaluate.ts'
import type { PlanOptions } from './plan.ts'
import type { ClaimTrace } from './trace.ts'

/** Rules that compile, and what they are tried with. */
export type PreviewTask = {
  configuration: CredentialConfiguration
  options: PlanOptions
  sources: Sources
  now: Date
}
export type Preview = Pick<EvaluatedClaims, 'claims' | 'missing' | 'unusable'> & { traces: ClaimTrace[] }
/** The rules did not come to an end: the claim that was worked on, if one was. */
export type Stopped = { stopped: 'time' | 'memory'; at?: string }

type Message = { isReady?: true; at?: string; done?: Preview }

const mostAtOnce = 2
const mostWaiting = 10
const startMs = 30_000
const file = new URL(`./preview-worker${extname(import.meta.filename)}`, import.meta.url)
let running = 0
const waiting: (() => void)[] = []

async function takeTurn(): Promise<void> {
  if (running < mostAtOnce) {
    running += 1
    return
  }
  if (waiting.length >= mostWaiting)
    throw new ProtocolError('temporarily_unavailable', 'Other previews are being made just now.', { retryAfter: 5 })
  const { promise, resolve } = Promise.withResolvers<void>()
  waiting.push(resolve)
  await promise
}

/** Hands the turn on to who waits longest. */
function endTurn(): void {
  const next = waiting.shift()
  if (next) next()
  else running -= 1
}

function evaluate(task: PreviewTask, limitMs: number): Promise<Preview | Stopped> {
  const { promise, resolve, reject } = Promise.withResolvers<Preview | Stopped>()
  let at: string | undefined
  const stopped = (why: Stopped['stopped']) => resolve({ stopped: why, ...(at !== undefined && { at }) })
  // Nothing of the process's surroundings is needed to evaluate rules.
  const worker = new Worker(file, { workerData: task, env: {}, resourceLimits: { maxOldGenerationSizeMb: 128 } })
  let timer = setTimeout(stopped, startMs, 'time')
  worker.on('message', ({ isReady, at: claim, done }: Message) => {
    at = claim ?? at
    if (done) resolve(done)
    if (!isReady) return
    clearTimeout(timer) // a busy machine takes long to start a thread: that is not the rules' time
    timer = setTimeout(stopped, limitMs, 'time')
  })
  worker.on('error', (error: NodeJS.ErrnoException) =>
    error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? stopped('memory') : reject(error),
  )
  return promise.finally(async () => {
    clearTimeout(timer)
    await worker.terminate()
  })
}

/**
 * Evaluates rules in a thread of their own, which is ended after `limitMs`: an administrator tries what nobody has tried before.
 * @throws ProtocolError `temporarily_unavailable` while this node has enough of them to do
 */
export async function previewPlan(task: PreviewTask, limitMs = 2000): Promise<Preview | Stopped> {
  await takeTurn()
  try {
    return await evaluate(task, limitMs)
  } finally {
    endTurn()
  }
}

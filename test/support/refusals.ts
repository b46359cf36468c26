import type { ExecutionContext } from 'ava'
import { ProtocolError } from '../../src/protocol/errors.ts'
import type { TestAnswer } from './answers.ts'

type Refusal = { error: string; status?: number }

/** What every refusal of an endpoint for wallets is: JSON for nobody to keep, with nothing but `error` and a description (VCI-81, VCI-83). */
export function isRefused(t: ExecutionContext, answer: TestAnswer, refusal: string | Refusal, name?: string): void {
  const { error, status = 400 } = typeof refusal === 'string' ? { error: refusal } : refusal
  const about = `${name ?? error}: ${answer.status} ${answer.text}`
  t.is(answer.status, status, about)
  t.is(answer.body.error, error, about)
  t.is(answer.headers.get('content-type'), 'application/json', about)
  t.is(answer.headers.get('cache-control'), 'no-store', about)
  t.deepEqual(Object.keys(answer.body), ['error', 'error_description'], about)
  t.regex(answer.body.error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/, about)
}

/** What a piece of work is refused with; undefined where it is not. Any other error is thrown on. */
export function refusalIn(work: () => unknown): ProtocolError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

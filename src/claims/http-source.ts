import { setTimeout as pause } from 'node:timers/promises'
import type { OutboundInit } from '../lib/http-client.ts'
import { isObject, type JsonObject } from '../lib/json.ts'
import { hash } from '../lib/secrets.ts'
import { durationSeconds } from '../lib/time.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { ClaimSource } from '../model/claim-source.ts'
import { type SignJwt, sourceCredentials } from './source-credentials.ts'
import { failureOfCall, failureOfStatus, mayPass, type SourceFailure, sourceFailed } from './source-faults.ts'
import { compileTemplates, type SourceQuestion, type Templates } from './source-templates.ts'

export type HttpSource = Templates & {
  /**
   * What the source says of a person: undefined if a placeholder is empty, so that nothing was asked, or if it knows nobody of that name
   * (404). `sign` signs in the name of the issuer that asks. Throws the fault `source-failed`.
   */
  ask(sources: Sources, sign: SignJwt): Promise<JsonObject | undefined>
}

type Needs = { fetch: typeof globalThis.fetch; clock: () => Date }
type Outcome = { value: JsonObject | undefined } | { failure: SourceFailure }

const mostAnswers = 1000
const pauseMs = 200

/** The JSON of an answer (RFC 8259), if it is that and no more than was allowed. */
async function read(response: Response, most: number): Promise<Outcome> {
  const { status } = response
  const type = response.headers.get('content-type') ?? ''
  if (!/^application\/([\w.+-]+\+)?json *(;|$)/i.test(type)) return { failure: { reason: 'not_json', status } }
  const bytes = Buffer.from(await response.arrayBuffer())
  if (bytes.length > most) return { failure: { reason: 'too_large', status } }
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isObject(value) ? { value } : { failure: { reason: 'not_an_object', status } }
  } catch {
    return { failure: { reason: 'not_json', status } }
  }
}

/**
 * A data source of a tenant over HTTP, ready to be asked. Its answers are kept, if at all, in this node's memory, so that nothing of a
 * person is in the clear in the database. Throws if the templates have mistakes, for they were checked when they were saved.
 */
export function httpSource({ fetch, clock }: Needs, name: string, settings: ClaimSource): HttpSource {
  const templates = compileTemplates(settings)
  if ('mistakes' in templates) throw new Error(`The templates of the claim source ${name} do not compile.`)
  const { method, headers = {}, retries, max_bytes } = settings
  const credentials = sourceCredentials({ fetch, clock }, settings.authentication)
  const keptMs = settings.cache ? durationSeconds(settings.cache.for)! * 1000 : 0
  const kept = new Map<string, { value: JsonObject; until: number }>()

  async function once(
    { url, body }: SourceQuestion,
    sign: SignJwt,
    signal: AbortSignal,
    again = false,
  ): Promise<Outcome> {
    const shown = await credentials.headers({ method, url, signal, sign })
    if ('failure' in shown) return shown
    const init: OutboundInit = {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
        ...shown.headers,
      },
      signal,
      redirect: 'manual',
      ...credentials.certificate,
      ...(body !== undefined && { body }),
    }
    const response = await fetch(url, init)
    if (response.status === 404) return { value: undefined }
    if (response.status === 401 && credentials.renew() && !again) return once({ url, body }, sign, signal, true)
    return response.status === 200 ? read(response, max_bytes) : { failure: failureOfStatus(response) }
  }

  /** With further tries where one may help and asking twice is asking once (RFC 9110 §9.2.2), all within the source's time. */
  async function askInTime(question: SourceQuestion, sign: SignJwt): Promise<JsonObject | undefined> {
    const begun = performance.now()
    const signal = AbortSignal.timeout(durationSeconds(settings.timeout)! * 1000)
    for (let left = method === 'GET' ? retries : 0; ; left--) {
      const outcome = await once(question, sign, signal).catch((error: unknown): Outcome => {
        return { failure: signal.aborted ? { reason: 'timeout' } : failureOfCall(error) }
      })
      if ('value' in outcome) return outcome.value
      if (left > 0 && mayPass(outcome.failure) && !signal.aborted) await pause(pauseMs)
      else throw sourceFailed(name, Math.round(performance.now() - begun), outcome.failure)
    }
  }

  return {
    ...templates,
    async ask(sources, sign) {
      const question = templates.fill(sources)
      if (!question) return undefined
      const key = hash(JSON.stringify([question.url, question.body]))
      const known = kept.get(key)
      if (known && known.until > clock().getTime()) return known.value
      const value = await askInTime(question, sign)
      if (keptMs > 0 && value) {
        const now = clock().getTime()
        kept.delete(key)
        kept.set(key, { value, until: now + keptMs })
        // In the order in which they came, which is that in which they expire.
        for (const [old, { until }] of kept) {
          if (until > now && kept.size <= mostAnswers) break
          kept.delete(old)
        }
      }
      return value
    },
  }
}

import { z } from 'zod'
import { readObject } from '../lib/json.ts'
import type { MessageEncryption } from './encryption.ts'
import { WalletError } from './errors.ts'

/** An answer as it came, also when it is a refusal. `body` is the JSON object in it, or empty if there is none. */
export type Answer = { status: number; headers: Headers; body: Record<string, unknown>; text: string }

/** Reads an answer to its end. Only `application/json` counts as JSON, and `application/jwt` where the wallet asked for it. */
export async function readAnswer(response: Response, encryption?: MessageEncryption): Promise<Answer> {
  const type = response.headers.get('content-type') ?? ''
  const isEncrypted = encryption !== undefined && /^application\/jwt(\s*;|$)/i.test(type)
  const sent = await response.text()
  const text = isEncrypted ? await encryption.decrypt(sent) : sent
  const isJson = isEncrypted || /^application\/json(\s*;|$)/i.test(type)
  const body = (isJson ? readObject(text) : undefined) ?? {}
  return { status: response.status, headers: response.headers, body, text }
}

/** What the schema makes of a success; a refusal or another shape is thrown as a `WalletError`. */
export function accept<T>(schema: z.ZodType<T>, { status, body }: Answer): T {
  if (status < 200 || status > 299) {
    const code = typeof body.error === 'string' ? body.error : 'invalid_response'
    const description = typeof body.error_description === 'string' ? body.error_description : 'It says no more.'
    throw new WalletError(code, `The server answered ${status}. ${description}`)
  }
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw new WalletError('invalid_response', z.prettifyError(parsed.error))
  return parsed.data
}

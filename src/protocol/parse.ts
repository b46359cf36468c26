import type { z } from 'zod'
import { type ErrorCode, ProtocolError } from './errors.ts'
import { mistakesOf } from './mistakes.ts'

/** A message of the specification out of what came in. Throws `code` with the member that is wrong; the value is not repeated. */
export function parse<T extends z.ZodType>(
  schema: T,
  message: unknown,
  code: ErrorCode = 'invalid_request',
): z.output<T> {
  const parsed = schema.safeParse(message)
  if (parsed.success) return parsed.data
  const mistakes = mistakesOf(parsed.error)
  const [first] = mistakes
  const member = first?.pointer.replace(/[^A-Za-z0-9_/-]/g, '').slice(0, 100)
  throw new ProtocolError(code, `The request is malformed${member ? ` at ${member}` : ''}.`, { mistakes })
}

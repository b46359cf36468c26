import { type DestinationStream, pino } from 'pino'

export type Log = {
  [level in 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace']: {
    (fields: Record<string, unknown>, message: string): void
    (message: string): void
  }
} & { child(bindings: Record<string, unknown>): Log }

const hidden = '[hidden]'
// Only whole names: `code` of an error and `tokenCount` say what an operator wants to know.
const secretName =
  /^(authorization|cookie|set-cookie|dpop|password|.*secret|.*token|.*api_?key|.*private_?key|.*tx_?code|pin|.*authori[sz](ed|ation)_?code|handle|nonce|c_nonce|.*_state|claims|id_token|userinfo|body|query|sql|bindings)$/i
const identifier = /^([a-z]{3}_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Text without what looks like a token, a JWT, an e-mail address or a piece of the JSON that could not be read. */
export const scrub = (text: string): string =>
  text
    .slice(0, 8000)
    .replace(/[A-Za-z0-9_-]{40,}(\.[A-Za-z0-9_-]*)*/g, (match) => (identifier.test(match) ? match : hidden))
    .replace(/[^\s@"'<>]+@[^\s@"'<>]+\.[a-z]+/gi, (match) => (match.includes('/') ? match : hidden))
    .replace(/"[^\n]*" is not valid JSON/g, `${hidden} is not valid JSON`)

/** An error as a log may show it: no member but these, for libraries hang requests, answers and statements on theirs. */
function describe(error: Error, depth = 0): Record<string, unknown> {
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    message: scrub(error.message),
    stack: scrub(error.stack ?? ''),
    ...(error.cause instanceof Error && depth < 4 && { cause: describe(error.cause, depth + 1) }),
  }
}

function shown(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return scrub(value)
  if (value instanceof Error) return describe(value)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  if (depth === 0) return hidden
  return Array.isArray(value) ? value.map((entry) => shown(entry, depth - 1)) : fields(value, depth - 1)
}

const fields = (value: object, depth = 3): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, secretName.test(name) ? hidden : shown(part, depth)]),
  )

/** A write a line would cost as much as a signature. Lines wait for company, a tenth of a second at most, and for none at the end. */
const standardOutput = { dest: 1, sync: false, minLength: 4096, periodicFlush: 100 }

/**
 * The log: one JSON object a line, on standard output unless a destination is given. Values under the names of secrets and text
 * that looks like one are left out; that is the second net, the first is not to log them.
 */
export const makeLog = ({ level, destination }: { level: string; destination?: DestinationStream }): Log =>
  pino(
    {
      level,
      base: null,
      serializers: { err: (described) => described }, // pino's own would run after ours and see a plain object
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (value) => fields(value) },
    },
    destination ?? pino.destination(standardOutput),
  ) as Log

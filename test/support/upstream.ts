import { randomBytes } from 'node:crypto'
import type { ConnectorNeeds } from '../../src/connectors/connector.ts'
import { makeFetch } from '../../src/lib/http-client.ts'
import { ProtocolError } from '../../src/protocol/errors.ts'

/** What a connector needs, with a `fetch` of its own, so that nothing is kept from another test. */
export function needs({
  clock = () => new Date(),
  ...options
}: Partial<Parameters<typeof makeFetch>[0]> & { clock?: () => Date } = {}): ConnectorNeeds {
  return { fetch: makeFetch({ allowAddresses: ['127.0.0.0/8'], ...options }), clock, random: randomBytes }
}

/** The refusal of one end of a sign-in; anything else is thrown. */
export async function refusalOf(attempt: Promise<unknown>) {
  try {
    await attempt
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    const { code, help, retryAfter, message, cause } = error
    const { fault } = cause as { fault: string }
    return { code, help, retryAfter, message, cause, fault }
  }
  throw new Error('It was not refused.')
}

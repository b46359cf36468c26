import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { ConnectorNeeds } from '../../src/connectors/connector.ts'
import { makeFetch } from '../../src/lib/http-client.ts'
import { ProtocolError } from '../../src/protocol/errors.ts'

/** Keys as Claimgate makes them for a provider, of this test alone. */
function ownKeys(): ConnectorNeeds['keys'] {
  const made = {
    sig: { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }), alg: 'ES256' },
    enc: {
      ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
      alg: 'RSA-OAEP-256',
    },
  }
  return { owner: 'acme idp', get: async (use) => ({ ...made[use], kid: `own-${use}`, use }) }
}
const keys = ownKeys()

/** The public halves, as Claimgate publishes them. */
export async function publishedKeys(): Promise<{ keys: Record<string, unknown>[] }> {
  const secret = ['d', 'p', 'q', 'dp', 'dq', 'qi']
  const all = await Promise.all([keys.get('sig'), keys.get('enc')])
  return { keys: all.map((jwk) => Object.fromEntries(Object.entries(jwk).filter(([name]) => !secret.includes(name)))) }
}

/** What a connector needs, with a `fetch` of its own, so that nothing is kept from another test. */
export function needs({
  clock = () => new Date(),
  ...options
}: Partial<Parameters<typeof makeFetch>[0]> & { clock?: () => Date } = {}): ConnectorNeeds {
  return { fetch: makeFetch({ allowAddresses: ['127.0.0.0/8'], ...options }), clock, random: randomBytes, keys }
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

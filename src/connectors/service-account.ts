import * as client from 'openid-client'
import type { ConnectorNeeds } from './connector.ts'
import type { Provider } from './discovery.ts'
import { fault, protocolErrorIn } from './faults.ts'
import { configurationOf } from './relying-party.ts'

/** Shortly before its end a token is no longer begun with. */
const spareSeconds = 30

/**
 * The access token of our own account at a provider (client credentials grant, RFC 6749 §4.4), kept until shortly before its end; callers
 * at the same time share one request. `forget` drops a token that was refused, unless another came meanwhile.
 */
export function serviceAccount(
  { clock }: Pick<ConnectorNeeds, 'clock'>,
  provider: { get(): Promise<Provider> },
  parameters: Record<string, string> = {},
) {
  type Kept = { token: Promise<string>; until: number }
  let kept: Kept | undefined

  async function grant(attempt: Kept): Promise<string> {
    const configuration = configurationOf(await provider.get())
    const answer = await client.clientCredentialsGrant(configuration, parameters).catch((error: unknown) => {
      throw protocolErrorIn(error) ?? fault('admin-api-auth', { endpoint: 'token' })
    })
    const lifeSeconds = answer.expires_in ?? 60
    attempt.until = clock().getTime() + Math.max(lifeSeconds - spareSeconds, lifeSeconds / 2) * 1000
    return answer.access_token
  }

  return {
    get(): Promise<string> {
      if (kept && clock().getTime() < kept.until) return kept.token
      const attempt: Kept = { token: Promise.resolve(''), until: Number.POSITIVE_INFINITY }
      attempt.token = grant(attempt).catch((error: unknown) => {
        attempt.until = 0 // a failure is shared with those that wait, and kept for nobody else
        throw error
      })
      kept = attempt
      return attempt.token
    },
    async forget(refused: string): Promise<void> {
      const { token } = kept ?? {}
      if ((await token?.catch(() => undefined)) === refused && kept?.token === token) kept = undefined
    },
  }
}

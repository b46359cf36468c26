import * as client from 'openid-client'
import { keptFor } from '../lib/kept.ts'
import type { ConnectorNeeds } from './connector.ts'
import type { Provider } from './discovery.ts'
import { fault, protocolErrorIn } from './faults.ts'
import { configurationOf } from './relying-party.ts'

/** Shortly before its end a token is no longer begun with. */
const spareSeconds = 30

/**
 * Our own account at a provider (client credentials grant, RFC 6749 §4.4). Its access token is kept until shortly before its end; callers
 * at the same time share one request.
 */
export function serviceAccount(
  { clock }: Pick<ConnectorNeeds, 'clock'>,
  provider: { get(): Promise<Provider> },
  parameters: Record<string, string> = {},
) {
  async function grant(): Promise<client.TokenEndpointResponse> {
    const configuration = configurationOf(await provider.get())
    return client.clientCredentialsGrant(configuration, parameters).catch((error: unknown) => {
      throw protocolErrorIn(error) ?? fault('admin-api-auth', { endpoint: 'token' })
    })
  }
  const token = keptFor(clock, grant, {
    seconds: ({ expires_in: life = 60 }) => Math.max(life - spareSeconds, life / 2),
  })

  return {
    /** A call with the token; one that the answer's status says is refused is replaced once, unless another came meanwhile. */
    async call<Answer extends { status: number }>(
      send: (accessToken: string) => Promise<Answer>,
      refusals: readonly number[],
    ): Promise<Answer> {
      const first = token.get()
      const answer = await send((await first).access_token)
      if (!refusals.includes(answer.status)) return answer
      token.drop(first)
      return send((await token.get()).access_token)
    },
  }
}
export type ServiceAccount = ReturnType<typeof serviceAccount>

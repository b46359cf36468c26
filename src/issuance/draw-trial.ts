import type { BeginOptions } from '../connectors/connector.ts'
import { newSecret } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { type Provider, upstreamOf } from './choose-provider.ts'
import { signInSeconds } from './open-sign-in.ts'
import type { SignInWishes } from './sign-in-parameters.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'fetch' | 'providerKeys' | 'config' | 'vault'>

export const memoryPlace = (id: string) => ({ table: 'sign_ins', column: 'memory_sealed', row: id })

export const callbackUrl = ({ publicUrl }: Services['config'], { tenant }: LiveIssuer, providerId: string): string =>
  `${publicUrl}/${tenant.name}/callback/${providerId}`

/**
 * A new try of a sign-in at a provider, with a state, nonce and PKCE of its own: where the browser goes, and what has to be kept.
 * @throws ProtocolError of the connector
 */
export async function drawTrial(
  services: Needs,
  issuer: LiveIssuer,
  id: string,
  { link, provider }: Provider,
  wishes: SignInWishes & Pick<BeginOptions, 'needed' | 'offline'>,
) {
  const { clock, config, vault } = services
  const [now, state] = [clock(), newSecret(services)]
  const { url, memory } = await upstreamOf(services, issuer, provider).begin({
    state,
    redirectUri: callbackUrl(config, issuer, link.id),
    ...(link.scope !== undefined && { scope: link.scope }),
    ...wishes,
  })
  const sealer = await vault.of(issuer.tenantId)
  const trial = {
    identityProvider: link.id,
    stateHash: hash(state),
    memorySealed: sealer.seal(memoryPlace(id), JSON.stringify(memory)),
    expiresAt: after(now, signInSeconds),
  }
  return { url: url.href, trial }
}

import * as client from 'openid-client'
import type { Provider, ProviderSettings } from './discovery.ts'
import { fault } from './faults.ts'
import { configurationOf } from './relying-party.ts'

const preferred = ['ES256', 'Ed25519', 'PS256', 'RS256', 'ES384']

/**
 * What proves that an access token is ours (RFC 9449 §4), with a key for this one sign-in: where the settings want it and the provider
 * offers it. Throws `idp-dpop-refused` where it offers no algorithm that we have.
 */
export async function boundBy(provider: Provider, settings: ProviderSettings): Promise<client.DPoPHandle | undefined> {
  const { dpop = 'off' } = settings
  const offered = provider.metadata.dpop_signing_alg_values_supported
  if (dpop === 'off' || !offered) return undefined
  const algorithm = preferred.find((one) => offered.includes(one))
  if (!algorithm) throw fault('idp-dpop-refused', { offered })
  return client.getDPoPHandle(configurationOf(provider), await client.randomDPoPKeyPair(algorithm))
}

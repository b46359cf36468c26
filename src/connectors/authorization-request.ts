import * as client from 'openid-client'
import type { Provider, ProviderSettings } from './discovery.ts'
import { fault, protocolErrorIn } from './faults.ts'
import { configurationOf } from './relying-party.ts'

/**
 * Where the browser goes: with the parameters, with a signed request (RFC 9101 §5), or with the name of one that was pushed, signed or not
 * (RFC 9126 §2). Throws the fault for a push that the provider refuses.
 */
export async function authorizationUrl(
  provider: Provider,
  { par = 'auto' }: ProviderSettings,
  parameters: Record<string, string>,
): Promise<URL> {
  const configuration = configurationOf(provider)
  const { metadata, requestKey } = provider
  const signed = requestKey && (await client.buildAuthorizationUrlWithJAR(configuration, parameters, requestKey))
  const isPushed = par !== 'off' && metadata.pushed_authorization_request_endpoint !== undefined
  if (!isPushed) return signed ?? client.buildAuthorizationUrl(configuration, parameters)
  const request = signed?.searchParams.get('request')
  const pushed = request ? { request } : parameters
  return client.buildAuthorizationUrlWithPAR(configuration, pushed).catch((error: unknown) => {
    throw protocolErrorIn(error) ?? fault('idp-par-refused', { endpoint: 'par' })
  })
}

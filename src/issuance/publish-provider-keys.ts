import { publicKeysOf } from '../connectors/index.ts'
import type { Jwk } from '../lib/jwk.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'

/**
 * The public keys by which an identity provider knows a tenant (RFC 7517 §5), for it to fetch: what signs, and what it may encrypt to.
 * @throws ProtocolError `not_found`
 */
export async function publishProviderKeys(
  { configuration, providerKeys }: Pick<Services, 'configuration' | 'providerKeys'>,
  tenantName: string,
  providerId: string,
): Promise<{ keys: Jwk[] }> {
  const tenant = await configuration.findTenant(tenantName)
  const provider = tenant?.identityProviders.get(providerId)
  if (!tenant || !provider) throw new ProtocolError('not_found', 'There is no such identity provider.')
  const own = async (use: 'sig' | 'enc') => (await providerKeys.get(tenant.id, providerId, use)).publicJwk
  return { keys: [...(await publicKeysOf(provider, () => own('sig'))), await own('enc')] }
}

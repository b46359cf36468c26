import type { Jwk } from '../lib/jwk.ts'
import { type KeptByName, keptByName } from '../lib/kept.ts'
import { hash } from '../lib/secrets.ts'
import { IdentityProvider } from '../model/identity-provider.ts'
import type { Mistake } from '../protocol/errors.ts'
import { mistakesOf } from '../protocol/mistakes.ts'
import { publicHalf } from './client-keys.ts'
import type { AnyConnector, ConnectorNeeds, Upstream } from './connector.ts'
import { entraId } from './entra-id.ts'
import { keycloak } from './keycloak.ts'
import { oidc } from './oidc.ts'

type AnySettings = Record<string, unknown>
type Provider = { kind: string; [setting: string]: unknown }

/** Every kind of identity provider. */
export const connectors: Record<string, AnyConnector> = { 'entra-id': entraId, keycloak, oidc }

/** The connector of a provider and the settings it reads, or what is wrong with them: a pointer from the provider to each mistake. */
export function connectorSettings(
  provider: Provider,
): { connector: AnyConnector; settings: AnySettings } | { mistakes: Mistake[] } {
  const connector = Object.hasOwn(connectors, provider.kind) ? connectors[provider.kind] : undefined
  if (!connector) {
    return { mistakes: [{ pointer: '/kind', detail: `This must be ${Object.keys(connectors).join(' or ')}.` }] }
  }
  const own = Object.entries(provider).filter(([name]) => !Object.hasOwn(IdentityProvider.shape, name))
  const parsed = connector.settings.safeParse(Object.fromEntries(own))
  return parsed.success ? { connector, settings: parsed.data } : { mistakes: mistakesOf(parsed.error) }
}

/** The public keys that we sign with at a provider: that of its settings, or else ours. */
export async function publicKeysOf({ client_key, client_key_id }: Provider, own: () => Promise<Jwk>): Promise<Jwk[]> {
  if (typeof client_key !== 'string') return [await own()]
  return [await publicHalf(client_key, typeof client_key_id === 'string' ? client_key_id : undefined)]
}

const most = 500
const connected = new WeakMap<typeof fetch, KeptByName<Upstream>>()

/**
 * A provider, ready for sign-ins. The same settings of the same owner give the same `Upstream` again, and with it the discovery document and the keys that
 * it keeps. Throws if the settings have mistakes, for they were checked when they were saved.
 */
export function connect(needs: ConnectorNeeds, provider: Provider): Upstream {
  const checked = connectorSettings(provider)
  if ('mistakes' in checked)
    throw new Error(`The settings of an identity provider of kind ${provider.kind} do not hold.`)
  const { connector, settings } = checked
  const known = connected.get(needs.fetch) ?? keptByName<Upstream>(most)
  connected.set(needs.fetch, known)
  const key = hash(JSON.stringify([connector.kind, settings, needs.keys.owner]))
  return known(key, () => connector.connect(needs, settings))
}

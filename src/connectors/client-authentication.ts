import { createPrivateKey, type KeyObject } from 'node:crypto'
import * as client from 'openid-client'
import { signingKey } from './client-keys.ts'
import type { ClientSettings } from './client-settings.ts'
import type { ClientKeys } from './connector.ts'
import { fault } from './faults.ts'
import type { Product } from './product.ts'

type Method = NonNullable<ClientSettings['client_auth']>
type Settings = Omit<ClientSettings, 'client_id' | 'scope'>

const named: Record<Method, readonly string[]> = {
  basic: ['client_secret_basic'],
  post: ['client_secret_post'],
  private_key_jwt: ['private_key_jwt'],
  tls: ['tls_client_auth', 'self_signed_tls_client_auth'],
}

/** The method that the settings say or imply; of the two for a secret the one that the provider names first. Throws `idp-auth-method`. */
function methodOf(settings: Settings, metadata: client.ServerMetadata): Method {
  const { client_auth, client_certificate, client_secret } = settings
  if (client_auth) return client_auth
  const implied: Method[] = client_certificate ? ['tls'] : client_secret ? ['basic', 'post'] : ['private_key_jwt']
  const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const taken = offered.flatMap((one) => implied.filter((method) => named[method].includes(one)))
  if (!taken[0]) throw fault('idp-auth-method', { asked: implied.flatMap((method) => named[method]), offered })
  return taken[0]
}

/** What signs for us: the key of the settings, or else the one that was made for this provider. */
async function ownKey(settings: Settings, keys: ClientKeys): Promise<{ key: KeyObject; kid: string | undefined }> {
  if (settings.client_key !== undefined)
    return { key: createPrivateKey(settings.client_key), kid: settings.client_key_id }
  const jwk = await keys.get('sig')
  return { key: createPrivateKey({ key: jwk, format: 'jwk' }), kid: String(jwk.kid) }
}

/**
 * How the client authenticates (OIDC Core §9, RFC 7523 §2.2, RFC 8705 §2). Throws `idp-auth-method` where the provider takes neither the
 * method nor our algorithms.
 */
export async function authenticationOf(
  settings: Settings,
  metadata: client.ServerMetadata,
  keys: ClientKeys,
  { assertion }: Product,
): Promise<{ method: Method; authenticate: client.ClientAuth }> {
  const method = methodOf(settings, metadata)
  const { client_secret = '' } = settings
  if (method === 'basic') return { method, authenticate: client.ClientSecretBasic(client_secret) }
  if (method === 'post') return { method, authenticate: client.ClientSecretPost(client_secret) }
  if (method === 'tls') return { method, authenticate: client.TlsClientAuth() }
  const offered = metadata.token_endpoint_auth_signing_alg_values_supported
  const { key, kid } = await ownKey(settings, keys)
  const signing = await signingKey(key, kid, offered)
  if (!signing) throw fault('idp-auth-method', { asked: 'private_key_jwt', offered })
  const options = assertion && { [client.modifyAssertion]: assertion }
  return { method, authenticate: client.PrivateKeyJwt(signing, options) }
}

/** The key for signed authorization requests (RFC 9101 §6.1), if they are to be signed. Throws `idp-request-object-required`. */
export async function requestKeyOf(
  settings: Settings,
  metadata: client.ServerMetadata,
  keys: ClientKeys,
): Promise<client.PrivateKey | undefined> {
  const isRequired = metadata.require_signed_request_object === true
  if ((settings.request_object ?? (isRequired ? 'signed' : 'off')) === 'off') return undefined
  const offered = metadata.request_object_signing_alg_values_supported
  const { key, kid } = await ownKey(settings, keys)
  const signing = await signingKey(key, kid, offered)
  if (!signing) throw fault('idp-request-object-required', { offered })
  return signing
}

import * as client from 'openid-client'
import { isObject } from '../lib/json.ts'
import { decryptionKey } from './client-keys.ts'
import type { ClientKeys } from './connector.ts'
import type { Provider } from './discovery.ts'
import { claimsOfOtherIssuer, isAboutKeys, isEncrypted } from './id-token.ts'
import type { Product } from './product.ts'

const timeoutSeconds = 30 // a net below the limit of the given fetch

/** What an answer is looked at with: it grows by what the answer itself makes us look up. */
type View = { issuer: string; jwks: client.JWKS; isFresh: boolean; decryption?: client.DecryptionKey }

/** The library's configuration for one call, with every check on. */
export function configurationOf(
  { metadata, clientId, method, authenticate, isPlain, fetch }: Provider,
  view?: View,
): client.Configuration {
  const server = { ...metadata, ...(view && { issuer: view.issuer }) }
  const ours = { use_mtls_endpoint_aliases: method === 'tls' }
  const configuration = new client.Configuration(server, clientId, ours, authenticate)
  configuration[client.customFetch] = fetch
  configuration.timeout = timeoutSeconds
  if (isPlain) client.allowInsecureRequests(configuration)
  // Without this the signature of an ID token from the token endpoint is not looked at.
  client.enableNonRepudiationChecks(configuration)
  if (view) client.setJwksCache(configuration, { jwks: view.jwks, uat: Math.floor(Date.now() / 1000) })
  if (view?.decryption) client.enableDecryptingResponses(configuration, undefined, view.decryption)
  return configuration
}

/** A code is spent once: what came for it is kept, so that it can be looked at again. */
export function keepingAnswer(fetch: client.CustomFetch): client.CustomFetch {
  let kept: Response | undefined
  return async (url, options) => {
    if (kept) return kept.clone()
    const response = await fetch(url, options)
    if (!response.ok) return response
    kept = response
    return kept.clone()
  }
}

/**
 * Makes a call whose answer holds a JWT, and looks at it again where the answer shows that more has to be known: keys that were rotated a
 * moment ago, our own key for what is encrypted, the issuer of a template. Each at most once; what the library then refuses is thrown as it is.
 */
export async function verified<Result>(
  provider: Provider,
  { keys, product }: { keys: ClientKeys; product: Product },
  work: (configuration: client.Configuration, issuer: string) => Promise<Result>,
): Promise<Result> {
  const { metadata } = provider
  let view: View = { issuer: metadata.issuer, jwks: await provider.keys.get(), isFresh: false }
  for (;;) {
    try {
      return await work(configurationOf(provider, view), view.issuer)
    } catch (error) {
      const more = await lookUp(error, view)
      if (!more) throw error
      view = { ...view, ...more }
    }
  }

  async function lookUp(error: unknown, known: View): Promise<Partial<View> | undefined> {
    if (isAboutKeys(error) && !known.isFresh) {
      const jwks = await provider.keys.refresh()
      return jwks && { jwks, isFresh: true }
    }
    if (isEncrypted(error) && !known.decryption) return { decryption: await decryptionKey(await keys.get('enc')) }
    const claims = product.issuers && known.issuer === metadata.issuer ? claimsOfOtherIssuer(error) : undefined
    if (!product.issuers || !isObject(claims)) return undefined
    const issuer = product.issuers(metadata, claims)
    return issuer === known.issuer ? undefined : { issuer }
  }
}

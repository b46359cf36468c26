import type * as client from 'openid-client'
import { isLoopback } from '../lib/addresses.ts'
import type { OutboundInit } from '../lib/http-client.ts'
import { publicKeyAlgorithms } from '../lib/jws.ts'
import { type Kept, keptFor } from '../lib/kept.ts'
import { authenticationOf, requestKeyOf } from './client-authentication.ts'
import type { ClientSettings } from './client-settings.ts'
import type { ConnectorNeeds } from './connector.ts'
import { type Dialect, type Endpoint, jsonAt, watched } from './endpoints.ts'
import { fault } from './faults.ts'
import type { Product } from './product.ts'
import { openKeys, type VerificationKeys } from './verification-keys.ts'

export type ProviderSettings = ClientSettings & { issuer: string }
/** A provider as its metadata describes it, and how we speak with it. */
export type Provider = {
  metadata: client.ServerMetadata
  clientId: string
  method: NonNullable<ClientSettings['client_auth']>
  authenticate: client.ClientAuth
  /** What authorization requests are signed with, where they are. */
  requestKey: client.PrivateKey | undefined
  keys: VerificationKeys
  fetch: client.CustomFetch
  /** Whether plain http is spoken, which our `fetch` does with allowed addresses only. */
  isPlain: boolean
}

const keepSeconds = 600
const keepFailureSeconds = 5

/** The algorithms that we take of those that are offered (OIDC Core §3.1.3.7). */
const only = (offered: string[] | undefined, otherwise: readonly string[]) =>
  (offered ?? otherwise).filter((one) => publicKeyAlgorithms.includes(one))

const isOpen = (address: string) => new URL(address).protocol === 'https:' || isLoopback(new URL(address).hostname)

function insufficient(metadata: client.ServerMetadata, { par, dpop }: ClientSettings): string | undefined {
  for (const member of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    if (!URL.canParse(metadata[member] ?? '')) return member
  }
  if (!isOpen(metadata.authorization_endpoint ?? '')) return 'authorization_endpoint'
  if (metadata.response_types_supported?.includes('code') === false) return 'response_types_supported'
  if (par === 'required' && !metadata.pushed_authorization_request_endpoint)
    return 'pushed_authorization_request_endpoint'
  if (dpop === 'required' && !metadata.dpop_signing_alg_values_supported) return 'dpop_signing_alg_values_supported'
  const signing = only(metadata.id_token_signing_alg_values_supported, ['RS256'])
  return signing.length > 0 ? undefined : 'id_token_signing_alg_values_supported'
}

/** `fetch` at the back-channel's origin, where it differs from the one that browsers use. */
function behind(fetch: typeof globalThis.fetch, { issuer, backchannel_url }: ProviderSettings): typeof fetch {
  if (backchannel_url === undefined) return fetch
  const [front, back] = [new URL(issuer).origin, new URL(backchannel_url).origin]
  return (input, init) => {
    const url = new URL(String(input))
    return fetch(url.origin === front ? back + url.pathname + url.search : url, init)
  }
}

/** `fetch` that shows the client's certificate (RFC 8705 §2). */
function showing(fetch: typeof globalThis.fetch, { client_certificate, client_key }: ClientSettings): typeof fetch {
  if (client_certificate === undefined || client_key === undefined) return fetch
  const clientCertificate = { cert: client_certificate, key: client_key }
  return (input, init) => fetch(input, { ...init, clientCertificate } as OutboundInit)
}

/** Which endpoint an address is, its alias for mutual TLS included (RFC 8705 §5). */
function endpointsOf({ mtls_endpoint_aliases: aliases, ...metadata }: client.ServerMetadata) {
  const known = new Map<string, Endpoint>()
  for (const one of [metadata, aliases ?? {}]) {
    const addresses: [string | undefined, Endpoint][] = [
      [one.jwks_uri, 'jwks'],
      [one.userinfo_endpoint, 'userinfo'],
      [one.pushed_authorization_request_endpoint, 'par'],
    ]
    for (const [address, endpoint] of addresses)
      if (URL.canParse(address ?? '')) known.set(new URL(address ?? '').href, endpoint)
  }
  return (asked: string): Endpoint => known.get(new URL(asked).href) ?? 'token'
}

async function discover(needs: ConnectorNeeds, settings: ProviderSettings, product: Product): Promise<Provider> {
  const { issuer, backchannel_url } = settings
  const { dialect = () => undefined, publishes = issuer } = product
  const fetch = behind(needs.fetch, settings)
  const asked = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const discovering = watched(fetch, () => 'discovery', dialect)
  const published = (await jsonAt(discovering, asked)) as client.ServerMetadata
  // Discovery §4.3: exactly the issuer that was configured, to the slash.
  if (published.issuer !== publishes)
    throw fault('idp-issuer-mismatch', { configured: publishes, published: String(published.issuer).slice(0, 300) })
  const member = insufficient(published, settings)
  if (member) throw fault('idp-metadata-insufficient', { issuer, member })

  const metadata: client.ServerMetadata = {
    ...published,
    id_token_signing_alg_values_supported: only(published.id_token_signing_alg_values_supported, ['RS256']),
    userinfo_signing_alg_values_supported: only(published.userinfo_signing_alg_values_supported, publicKeyAlgorithms),
  }
  const authentication = await authenticationOf(settings, metadata, needs.keys, product)
  const showsSecret = authentication.method === 'basic' || authentication.method === 'post'
  const meant: Dialect = (refusal) => {
    const said = dialect(refusal)
    if (showsSecret) return said
    // A provider that speaks of a secret, which we did not show, expects one.
    if (said === 'idp-secret-wrong') return 'idp-auth-method'
    return said ?? (refusal.error === 'invalid_client' ? 'idp-assertion-refused' : undefined)
  }
  const called = watched(showing(fetch, settings), endpointsOf(metadata), meant)
  return {
    metadata,
    clientId: settings.client_id,
    ...authentication,
    requestKey: await requestKeyOf(settings, metadata, needs.keys),
    keys: openKeys(called, String(metadata.jwks_uri), needs.clock),
    fetch: called,
    isPlain: [issuer, backchannel_url].some((address) => address?.startsWith('http:')),
  }
}

/**
 * The provider as its discovery document describes it (OIDC Discovery §4), kept for ten minutes, a failure for five seconds; callers at
 * the same time share one request.
 */
export function openProvider(needs: ConnectorNeeds, settings: ProviderSettings, product: Product): Kept<Provider> {
  const terms = { seconds: keepSeconds, failureSeconds: keepFailureSeconds }
  return keptFor(needs.clock, () => discover(needs, settings, product), terms)
}

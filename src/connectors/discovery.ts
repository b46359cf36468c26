import * as client from 'openid-client'
import { isLoopback } from '../lib/addresses.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { ConnectorNeeds } from './connector.ts'
import { type Dialect, type Endpoint, watched } from './endpoints.ts'
import { type FaultId, fault } from './faults.ts'

export type ProviderSettings = {
  issuer: string
  client_id: string
  client_secret: string
  client_auth?: 'basic' | 'post' | undefined
}
export type Provider = { configuration: client.Configuration; metadata: client.ServerMetadata }

const keepSeconds = 600
const keepFailureSeconds = 5
const timeoutSeconds = 30 // a net below the limit of the given fetch
/** Never `none`, never a shared secret (OIDC Core §3.1.3.7, RFC 8725 §3.1). */
const algorithms = ['RS', 'PS', 'ES']
  .flatMap((family) => [256, 384, 512].map((bits) => `${family}${bits}`))
  .concat('EdDSA', 'Ed25519')

/** The first `ProtocolError` among an error and its causes. */
export function protocolErrorIn(error: unknown): ProtocolError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof ProtocolError) return at
  return undefined
}

function insufficient(metadata: client.ServerMetadata): string | undefined {
  for (const member of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    if (!URL.canParse(metadata[member] ?? '')) return member
  }
  if (metadata.response_types_supported?.includes('code') === false) return 'response_types_supported'
  const signing = metadata.id_token_signing_alg_values_supported ?? ['RS256']
  return signing.some((algorithm) => algorithms.includes(algorithm))
    ? undefined
    : 'id_token_signing_alg_values_supported'
}

function authentication(
  { client_secret, client_auth }: ProviderSettings,
  metadata: client.ServerMetadata,
): client.ClientAuth {
  const offered = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const method = client_auth
    ? `client_secret_${client_auth}`
    : offered.find((one) => /^client_secret_(basic|post)$/.test(one))
  if (!method) throw fault('idp-auth-method', { asked: 'client_secret_basic', offered })
  return method === 'client_secret_basic'
    ? client.ClientSecretBasic(client_secret)
    : client.ClientSecretPost(client_secret)
}

async function discover({ fetch }: ConnectorNeeds, settings: ProviderSettings, dialect: Dialect): Promise<Provider> {
  const { issuer, client_id } = settings
  const url = new URL(issuer)
  const insecure = url.protocol === 'http:' && isLoopback(url.hostname) ? [client.allowInsecureRequests] : []
  const options = {
    execute: insecure,
    timeout: timeoutSeconds,
    [client.customFetch]: watched(fetch, () => 'discovery', dialect),
  }
  const found = await client.discovery(url, client_id, undefined, client.None(), options).catch((error: unknown) => {
    const code: unknown = error instanceof client.ClientError ? error.code : undefined
    const ids: Record<string, FaultId> = {
      OAUTH_HTTP_REQUEST_FORBIDDEN: 'idp-address-refused',
      OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: 'idp-issuer-mismatch',
    }
    throw protocolErrorIn(error) ?? fault(ids[String(code)] ?? 'idp-metadata-insufficient', { issuer })
  })
  const { supportsPKCE: _, ...metadata } = found.serverMetadata()
  // Discovery §4.3: exactly the issuer that was configured; the library forgives a trailing slash.
  if (metadata.issuer !== issuer)
    throw fault('idp-issuer-mismatch', { configured: issuer, published: metadata.issuer.slice(0, 300) })
  const member = insufficient(metadata)
  if (member) throw fault('idp-metadata-insufficient', { issuer, member })

  const only = (offered: string[] | undefined, otherwise: string[]) =>
    (offered ?? otherwise).filter((one) => algorithms.includes(one))
  const narrowed: client.ServerMetadata = {
    ...metadata,
    id_token_signing_alg_values_supported: only(metadata.id_token_signing_alg_values_supported, ['RS256']),
    userinfo_signing_alg_values_supported: only(metadata.userinfo_signing_alg_values_supported, algorithms),
  }
  const configuration = new client.Configuration(narrowed, client_id, undefined, authentication(settings, metadata))
  const { jwks_uri, userinfo_endpoint, pushed_authorization_request_endpoint: par } = metadata
  const endpointOf = (asked: string): Endpoint => {
    const same = (known: string | undefined) => known !== undefined && new URL(known).href === new URL(asked).href
    return same(jwks_uri) ? 'jwks' : same(userinfo_endpoint) ? 'userinfo' : same(par) ? 'par' : 'token'
  }
  configuration[client.customFetch] = watched(fetch, endpointOf, dialect)
  configuration.timeout = timeoutSeconds
  // Without this the signature of an ID token from the token endpoint is not looked at.
  for (const switchOn of [...insecure, client.enableNonRepudiationChecks]) switchOn(configuration)
  return { configuration, metadata }
}

/**
 * The provider as its discovery document describes it (OIDC Discovery §4), kept for ten minutes, a failure for five seconds; callers at
 * the same time share one request. `forget` makes the next caller ask again, for keys that were rotated.
 */
export function openProvider(needs: ConnectorNeeds, settings: ProviderSettings, dialect: Dialect) {
  let kept: { provider: Promise<Provider>; until: number } | undefined
  const now = () => needs.clock().getTime()
  return {
    forget() {
      kept = undefined
    },
    get(): Promise<Provider> {
      if (kept && now() < kept.until) return kept.provider
      const attempt = { provider: discover(needs, settings, dialect), until: Number.POSITIVE_INFINITY }
      const keep = (seconds: number) => () => {
        attempt.until = now() + seconds * 1000
      }
      attempt.provider.then(keep(keepSeconds), keep(keepFailureSeconds))
      kept = attempt
      return attempt.provider
    },
  }
}

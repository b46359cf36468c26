import type { CustomFetch } from 'openid-client'
import { readObject } from '../lib/json.ts'
import { ProtocolError } from '../protocol/errors.ts'
import { type Facts, type FaultId, fault, faultOfCall, redacted } from './faults.ts'

export type Endpoint = 'discovery' | 'jwks' | 'par' | 'token' | 'userinfo'
/** A refusal in the provider's words, wherever it came from; `status` is missing at the callback. */
export type Refusal = { endpoint: Endpoint | 'authorization'; status?: number; error: string; description: string }
/** What a product means by a refusal where it differs from the specifications, and what its support would ask for. */
export type Dialect = (refusal: Refusal) => FaultId | { fault: FaultId | undefined; facts: Facts } | undefined

const atAuthorization: Record<string, FaultId> = {
  access_denied: 'idp-declined',
  account_selection_required: 'idp-login-required',
  consent_required: 'idp-consent-required',
  interaction_required: 'idp-login-required',
  invalid_request: 'idp-request-refused',
  invalid_request_object: 'idp-request-object-required',
  invalid_request_uri: 'idp-request-object-required',
  invalid_scope: 'idp-scope-unknown',
  login_required: 'idp-login-required',
  request_not_supported: 'idp-request-object-required',
  server_error: 'idp-temporarily-unavailable',
  temporarily_unavailable: 'idp-temporarily-unavailable',
  unauthorized_client: 'idp-flow-off',
  unmet_authentication_requirements: 'idp-policy-blocked',
  unsupported_response_type: 'idp-flow-off',
}
const atToken: Record<string, FaultId> = {
  invalid_client: 'idp-secret-wrong',
  invalid_dpop_proof: 'idp-dpop-refused',
  invalid_grant: 'idp-code-refused',
  invalid_scope: 'idp-scope-unknown',
  server_error: 'idp-temporarily-unavailable',
  temporarily_unavailable: 'idp-temporarily-unavailable',
  unauthorized_client: 'idp-flow-off',
  use_dpop_nonce: 'idp-dpop-refused',
}

/** The fault for a refusal: what the product is known to mean by it, else what the specifications say (RFC 6749, RFC 9126, OIDC Core §3.1.2.6). */
export function faultOfRefusal(refusal: Refusal, dialect: Dialect = () => undefined): ProtocolError {
  const { endpoint, status, error } = refusal
  const usual = (): FaultId => {
    // Okta's words; RFC 6749 has one code for the person's no and the provider's.
    if (error === 'access_denied' && /not assigned/i.test(refusal.description)) return 'idp-not-assigned'
    // What several products say; RFC 9101 §10.5 and RFC 9126 §5 have no code for it.
    if (error === 'invalid_request' && /^request object must/i.test(refusal.description))
      return 'idp-request-object-required'
    if (endpoint === 'authorization' && /^pushed authorization request/i.test(refusal.description))
      return 'idp-par-required'
    const known = endpoint === 'authorization' ? atAuthorization[error] : atToken[error]
    if (endpoint !== 'par') return known ?? 'idp-error-other'
    if (status === 401 || error === 'invalid_client') return 'idp-par-auth'
    return error === 'invalid_request' ? 'idp-par-refused' : (known ?? 'idp-error-other')
  }
  const meant = dialect(refusal)
  const own = typeof meant === 'object' ? meant : { fault: meant, facts: {} }
  const facts = { endpoint, status, error: redacted(error), description: redacted(refusal.description), ...own.facts }
  return fault(own.fault ?? usual(), facts)
}

const unreadable = {
  discovery: 'idp-discovery-not-json',
  jwks: 'idp-keys-unavailable',
  par: 'idp-temporarily-unavailable',
  token: 'idp-temporarily-unavailable',
  userinfo: 'userinfo-failed',
} as const satisfies Record<Endpoint, FaultId>

/** The JSON at an address, asked for by way of {@link watched}. */
export async function jsonAt(fetch: CustomFetch, url: string): Promise<unknown> {
  const headers = { accept: 'application/json' }
  return (await fetch(url, { method: 'GET', headers, body: undefined, redirect: 'manual' })).json()
}

/** The seconds after which an answer says to try again, where that is within an hour. */
export function retryAfterOf(headers: Headers): number | undefined {
  const wait = Number(headers.get('retry-after') ?? Number.NaN)
  return wait >= 1 && wait <= 3600 ? Math.ceil(wait) : undefined
}

type Place = { endpoint: Endpoint; host: string }

function faultOfAnswer(at: Place, response: Response, text: string, dialect: Dialect): ProtocolError {
  const [{ endpoint }, { status }] = [at, response]
  const facts = { ...at, status, type: redacted(response.headers.get('content-type') ?? 'none') }
  if (status === 429) return fault('idp-throttled', facts, retryAfterOf(response.headers))
  if ([502, 503, 504].includes(status) && endpoint === 'discovery') return fault('idp-unreachable', facts)
  if (endpoint === 'discovery') return fault('idp-discovery-status', facts)
  if (endpoint === 'userinfo' && (status === 401 || status === 403)) return fault('userinfo-refused', facts)
  const { error, error_description: description } = readObject(text) ?? {}
  if ((endpoint === 'token' || endpoint === 'par') && typeof error === 'string') {
    const refusal = { endpoint, status, error, description: typeof description === 'string' ? description : '' }
    if (status < 500) return faultOfRefusal(refusal, dialect)
    // A provider in trouble, whatever it calls it; what its support would ask for is kept.
    const said = dialect(refusal)
    return fault(unreadable[endpoint], { ...facts, ...(typeof said === 'object' && said.facts) })
  }
  return fault(status < 500 && endpoint === 'token' ? 'idp-error-other' : unreadable[endpoint], facts)
}

/** A demand for a proof with the nonce it brings (RFC 9449 §8, §9): the library meets it itself, once. */
const demandsNonce = (response: Response, text: string): boolean =>
  response.headers.has('dpop-nonce') &&
  [response.headers.get('www-authenticate') ?? '', String(readObject(text)?.error)].some((said) =>
    said.includes('use_dpop_nonce'),
  )

/**
 * `fetch` as openid-client is given it: whatever is no readable success is thrown as the fault it is, since the library keeps neither the
 * body of a 401 nor the endpoint that failed. `endpointOf` says which endpoint a URL is.
 */
export const watched =
  (fetch: typeof globalThis.fetch, endpointOf: (url: string) => Endpoint, dialect: Dialect): CustomFetch =>
  async (url, { method, headers, body, signal }) => {
    const endpoint = endpointOf(url)
    const at = { endpoint, host: new URL(url).host }
    const request = { method, headers, body, redirect: 'manual', ...(signal && { signal }) } as RequestInit
    try {
      const response = await fetch(url, request)
      const text = await response.text()
      const type = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
      const readable =
        type === 'application/jwt' ? endpoint === 'userinfo' : /[/+]json$/.test(type) && readObject(text) !== undefined
      const again = () => new Response(text, { status: response.status, headers: response.headers })
      if (!response.ok && demandsNonce(response, text)) return again()
      if (!response.ok) throw faultOfAnswer(at, response, text, dialect)
      if (!readable) throw fault(unreadable[endpoint], { ...at, status: response.status, type: redacted(type) })
      return again()
    } catch (error) {
      throw error instanceof ProtocolError ? error : faultOfCall(error, at, unreadable[endpoint])
    }
  }

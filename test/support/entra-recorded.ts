import { randomUUID } from 'node:crypto'
import type { Answer } from './entra-double.ts'

/** "OpenID Connect on the Microsoft identity platform", 13 Sep 2023, with the members in the order in which they were recorded in 2026. */
export function discoveryOf(authority: string): Record<string, unknown> {
  const login = `https://login.microsoftonline.com/${authority}`
  // Several directories have one document, whose issuer is a template.
  const directory = /^[0-9a-f-]{36}$/.test(authority) ? authority : '{tenantid}'
  return {
    token_endpoint: `${login}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt', 'client_secret_basic'],
    jwks_uri: `${login}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: `https://login.microsoftonline.com/${directory}/v2.0`,
    request_uri_parameter_supported: false,
    userinfo_endpoint: 'https://graph.microsoft.com/oidc/userinfo',
    authorization_endpoint: `${login}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${login}/oauth2/v2.0/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${login}/oauth2/v2.0/logout`,
    claims_supported: [
      ...['sub', 'iss', 'cloud_instance_name', 'cloud_instance_host_name', 'cloud_graph_host_name', 'msgraph_host'],
      ...['aud', 'exp', 'iat', 'auth_time', 'acr', 'nonce', 'preferred_username', 'name', 'tid', 'ver', 'at_hash'],
      ...['c_hash', 'email'],
    ],
    kerberos_endpoint: `${login}/kerberos`,
    tenant_region_scope: 'WW',
    cloud_instance_name: 'microsoftonline.com',
    cloud_graph_host_name: 'graph.windows.net',
    msgraph_host: 'graph.microsoft.com',
    rbac_url: 'https://pas.windows.net',
    tls_client_certificate_bound_access_tokens: true,
    mtls_endpoint_aliases: { token_endpoint: `https://mtlsauth.microsoft.com/${authority}/oauth2/v2.0/token` },
  }
}

/** "Authentication and authorization error codes", 24 Apr 2024: what each number comes with at the token endpoint. */
const refusals = {
  AADSTS50011: [400, 'invalid_request'],
  AADSTS50013: [401, 'invalid_client'],
  AADSTS50020: [400, 'invalid_grant'],
  AADSTS50057: [400, 'invalid_grant'],
  AADSTS50105: [400, 'invalid_grant'],
  AADSTS53003: [400, 'invalid_grant'],
  AADSTS54005: [400, 'invalid_grant'],
  AADSTS65001: [400, 'invalid_grant'],
  AADSTS70011: [400, 'invalid_scope'],
  AADSTS90033: [503, 'temporarily_unavailable'],
  AADSTS90055: [400, 'invalid_request'],
  AADSTS50173: [400, 'invalid_grant'],
  AADSTS700082: [400, 'invalid_grant'],
  AADSTS501481: [400, 'invalid_grant'],
  AADSTS700016: [400, 'unauthorized_client'],
  AADSTS700025: [401, 'invalid_client'],
  AADSTS700027: [401, 'invalid_client'],
  AADSTS7000215: [401, 'invalid_client'],
  AADSTS7000218: [401, 'invalid_client'],
  AADSTS7000222: [401, 'invalid_client'],
  AADSTS40008: [400, 'server_error'],
} as const satisfies Record<string, readonly [number, string]>
export type Recorded = keyof typeof refusals

export const references = {
  trace: '0d1f3c5e-2222-4b4b-8c8c-9d9d9d9d9d00',
  correlation: '8a7b6c5d-3333-4e4e-9f9f-0a0a0a0a0a00',
}

/** The JSON of a refusal as it was recorded on 7 Mar 2025: the text names people, and ends with what Microsoft's support asks for. */
export function refusalOf(number: Recorded): Answer {
  const [status, error] = refusals[number]
  const { trace, correlation } = references
  const timestamp = '2025-03-07 21:25:44Z'
  const error_description = `${number}: Refused for alice@acme.example. Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`
  const code = Number(number.slice('AADSTS'.length))
  const error_uri = `https://login.microsoftonline.com/error?code=${code}`
  return {
    status,
    body: {
      error,
      error_description,
      error_codes: [code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
      error_uri,
    },
  }
}

/** "Configure group claims", 9 Apr 2025: what stands in a token instead of more than 200 groups. */
export const overageOf = (oid: string) => ({
  _claim_names: { groups: 'src1' },
  _claim_sources: { src1: { endpoint: `https://graph.microsoft.com/v1.0/users/${oid}/getMemberObjects` } },
})

/** What Graph says instead of an answer ("Microsoft Graph error responses"). */
export const graphError = (status: number, code: string, headers: Record<string, string> = {}): Answer => ({
  status,
  headers,
  body: {
    error: {
      code,
      message: 'Not for alice@acme.example.',
      innerError: { date: '2026-11-27T10:00:00', 'request-id': randomUUID() },
    },
  },
})

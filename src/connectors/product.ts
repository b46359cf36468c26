import type { ServerMetadata } from 'openid-client'
import type { Account } from './connector.ts'
import type { Dialect } from './endpoints.ts'

type Claims = Readonly<Record<string, unknown>>

/** In what a product differs from any OpenID Provider. What is left out is done as the specifications have it. */
export type Product = {
  /** What it means by its refusals. */
  dialect?: Dialect
  /** The `issuer` of its discovery document, where that is not the address it was asked at (Entra ID: `…/{tenantid}/v2.0`). */
  publishes?: string
  /** The `iss` that an ID token must carry, where discovery publishes a template; throws the fault for an issuer that is not allowed. */
  issuers?: (metadata: ServerMetadata, claims: Claims) => string
  /** The person behind a verified ID token; default `iss` and `sub`. */
  account?: (claims: Claims) => Account
  /** What beside the scope gets a refresh token; default: the person's consent (OIDC Core §11). */
  offline?: Record<string, string>
  /** Changes a client assertion before it is signed (RFC 7523 §2.2). */
  assertion?: (header: Record<string, unknown>, claims: Record<string, unknown>) => void
}

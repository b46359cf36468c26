import { z } from 'zod'
import { Duration } from './names.ts'

/** A public JSON Web Key, as a JWK Set holds it (RFC 7517 §5). */
const PublicJwk = z
  .looseObject({ kty: z.enum(['EC', 'OKP']) })
  .refine((jwk) => !Object.hasOwn(jwk, 'd'), 'Only the public half of a key belongs here.')

/** A wallet that is known beforehand, with its redirect URIs. With `jwks` it authenticates by `private_key_jwt`, else it is public. */
export const WalletProfile = z.strictObject({
  client_id: z.string().min(1).max(255),
  name: z.string().min(1).max(100),
  redirect_uris: z.array(z.string().max(2000)).default([]),
  /** When and where the facts were last checked. */
  checked: z.string().max(300).optional(),
  trusted: z.boolean().default(false),
  /** The keys it signs client assertions with (RFC 7523 §2.2). It may sign its key proofs with them, too. */
  jwks: z.strictObject({ keys: z.array(PublicJwk).min(1) }).optional(),
})
export type WalletProfile = z.infer<typeof WalletProfile>

/** Who vouches for wallets or for their keys: trusted by the certificates that its attestations' `x5c` leads to. */
export const Attester = z.strictObject({
  name: z.string().min(1).max(100),
  /** `wallet`: wallet attestations (OpenID4VCI Appendix E). `key`: key attestations (Appendix D). */
  attests: z
    .array(z.enum(['wallet', 'key']))
    .min(1)
    .default(['wallet', 'key']),
  /** PEM of the trust anchors. They are never part of an `x5c`. */
  certificates: z.string().min(1).max(100_000),
  /** `iss` of its wallet attestations, where they have one (draft -07). */
  issuer: z.string().max(500).optional(),
  /** Only wallets with these client ids (`sub`); default: any that it attests. */
  client_ids: z.array(z.string().min(1).max(255)).min(1).optional(),
  /** Only these redirect URIs; default: any that may be served, for the wallet has authenticated (RFC 9126 §2.4). */
  redirect_uris: z.array(z.string().max(2000)).min(1).optional(),
})
export type Attester = z.infer<typeof Attester>

/** A program that may call the admin API of one tenant. The key itself is made by the node and shown once. */
export const ApiClient = z.strictObject({
  role: z.enum(['administrator', 'offers']).default('offers'),
  /** SHA-256 of the key as base64url, to set a known key; without it `apply` prints a new key once. */
  key_hash: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .optional(),
  expires_in: Duration.default('P365D'),
})
export type ApiClient = z.infer<typeof ApiClient>

/** No two clients may be told apart by nothing. */
export const haveOwnKeys = (clients: Record<string, ApiClient>): boolean => {
  const known = Object.values(clients).flatMap(({ key_hash }) => key_hash ?? [])
  return new Set(known).size === known.length
}

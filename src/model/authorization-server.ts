import { z } from 'zod'

/** An authorization server that is not ours: wallets get their access tokens there and bring them here (OpenID4VCI §12.2.4). */
export const AuthorizationServer = z.strictObject({
  /** Its issuer identifier (RFC 8414 §2), the `iss` of its tokens. */
  issuer: z.string().min(1).max(500),
  /** The wallets that may come, by what they are called there; default: the `client_id` of the issuer's wallets. */
  client_ids: z.array(z.string().min(1).max(255)).min(1).optional(),
  /** How its access tokens are looked at: `jwt` by its published keys (RFC 9068), `introspection` by asking it (RFC 7662). */
  token: z.enum(['jwt', 'introspection']).default('jwt'),
  /** Who asks, where it is asked. */
  client_id: z.string().min(1).max(255).optional(),
  client_secret: z.string().min(1).max(2000).optional(),
  /** Whether UserInfo is asked with the wallet's token, for claims that the token does not hold. */
  userinfo: z.boolean().default(false),
})
export type AuthorizationServer = z.infer<typeof AuthorizationServer>

/** The members that are sealed in the database and never shown. */
export const authorizationServerSecrets: readonly string[] = ['client_secret']

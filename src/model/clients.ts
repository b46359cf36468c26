import { z } from 'zod'
import { Duration } from './names.ts'

/** A wallet that is known beforehand: a public client with its redirect URIs. */
export const WalletProfile = z.strictObject({
  client_id: z.string().min(1).max(255),
  name: z.string().min(1).max(100),
  redirect_uris: z.array(z.string().max(2000)).default([]),
  /** When and where the facts were last checked. */
  checked: z.string().max(300).optional(),
  trusted: z.boolean().default(false),
})
export type WalletProfile = z.infer<typeof WalletProfile>

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

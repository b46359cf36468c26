import { z } from 'zod'
import { Id } from './names.ts'

const text = z.string().min(1).max(255)

/**
 * Whom a personal offer is for: an account by `sub` (at a provider of ours, or at the issuer that its ID tokens name), by `oid` at
 * Entra ID, or an e-mail address together with a provider that verifies it. Which go together, the issuer's settings decide.
 */
export const Subject = z.strictObject({
  identity_provider: Id.optional(),
  issuer: z.url().max(500).optional(),
  sub: text.optional(),
  oid: z.guid('This must be an object id of Entra ID, a GUID.').optional(),
  email: z.string().max(254).optional(),
})
export type Subject = z.infer<typeof Subject>

/** By what a sign-in is compared with it. */
export type SubjectKind = 'account' | 'oid' | 'email'

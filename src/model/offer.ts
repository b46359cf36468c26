import { z } from 'zod'
import { ConfigurationId, Duration } from './names.ts'
import { Subject } from './subject.ts'

const TxCodeWish = z.strictObject({
  input_mode: z.enum(['numeric', 'text']).optional(),
  length: z.int().min(4).max(32).optional(),
  description: z.string().max(300).optional(),
  /** The PIN itself, where the integrator has chosen it. */
  value: z.string().min(4).max(32).optional(),
})

/** What an integrator asks for (`POST …/offers`). */
export const OfferRequest = z.strictObject({
  credential_configuration_ids: z.array(ConfigurationId).min(1).max(20).optional(),
  grants: z
    .array(z.enum(['authorization_code', 'pre_authorized_code']))
    .min(1)
    .max(2)
    .optional(),
  tx_code: z.union([z.literal(true), TxCodeWish]).optional(),
  claims: z.record(z.string(), z.json()).optional(),
  /** The one person whose sign-in may claim it. */
  subject: Subject.optional(),
  login_hint: z.string().min(1).max(200).optional(),
  identity_provider: z.string().max(63).optional(),
  /** Where the wallet gets its token, if not here: the name of an external authorization server. */
  authorization_server: z.string().max(63).optional(),
  /** Seconds, or an ISO 8601 duration. */
  expires_in: z.union([z.int().min(60), Duration]).optional(),
  max_uses: z.int().min(1).max(1_000_000).optional(),
  delivery: z
    .strictObject({
      by: z.enum(['reference', 'value']).default('reference'),
      scheme: z.string().max(500).optional(),
    })
    .optional(),
  metadata: z.record(z.string(), z.string().max(500)).optional(),
})
export type OfferRequest = z.infer<typeof OfferRequest>

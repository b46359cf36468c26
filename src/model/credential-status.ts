import { z } from 'zod'
import { ConfigurationId } from './names.ts'

export const CredentialStatus = z.enum(['valid', 'suspended', 'invalid'])

const Moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text))

const form = {
  status: CredentialStatus,
  /** For administrators; no wallet or verifier reads it. */
  reason: z.string().max(500).optional(),
  /** When a suspension ends by itself. */
  until: Moment.optional(),
}
const onlySuspensions = ({ status, until }: { status: string; until?: Date | undefined }) =>
  until === undefined || status === 'suspended'
const message = { error: 'Only a suspension can have an end.', path: ['until'] }

/** What becomes of one credential. */
export const StatusRequest = z.strictObject(form).refine(onlySuspensions, message)

/** Credentials of an issuer, by what all of them have. */
export const CredentialFilter = z.strictObject({
  status: CredentialStatus.optional(),
  credential_configuration_id: ConfigurationId.optional(),
  session: z.string().optional(),
  /** A person by the account at the identity provider: `iss` and `sub` of its ID Token. Both or neither. */
  account_issuer: z.string().max(2000).optional(),
  account_subject: z.string().max(2000).optional(),
  created_after: Moment.optional(),
  created_before: Moment.optional(),
})
export type CredentialFilter = z.infer<typeof CredentialFilter>

/** What becomes of all that a filter lets through. */
export const ManyStatusRequest = z
  .strictObject({
    ...form,
    filter: CredentialFilter.refine(
      (filter) => Object.keys(filter).length > 0,
      'A filter says something; {"status": "valid"} is every valid credential.',
    ),
    /** Only counts. */
    dry_run: z.boolean().default(false),
  })
  .refine(onlySuspensions, message)

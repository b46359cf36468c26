import { z } from 'zod'
import { Claims } from './claim-mapping.ts'
import { Id } from './names.ts'

const Members = z.record(z.string(), z.json())
/** What a provider said: its members, or the JWT that holds them. */
const Said = z.union([z.string().min(1).max(100_000), Members])

/** What a preview is made of: what is pasted, or a test sign-in, or a person whom the provider's directory knows. */
export const PreviewRequest = z
  .strictObject({
    /** As the provider gave it, or only its claims. Its signature is not looked at. */
    id_token: Said.optional(),
    userinfo: Said.optional(),
    /** What the directory holds of the person; or, as a text, who is to be looked up there: a user name, e-mail address or id. */
    user: z.union([z.string().min(1).max(300), Members]).optional(),
    offer: Members.optional(),
    source: z.record(z.string(), Members).optional(),
    /** Whose rules are taken; default: the issuer's only one. */
    identity_provider: Id.optional(),
    /** The id of a test sign-in. */
    sign_in: z.string().max(100).optional(),
    /** Rules that are not saved, to be tried instead of those that are. */
    claims: Claims.optional(),
  })
  .superRefine((request, context) => {
    const { sign_in, user } = request
    if (sign_in === undefined && typeof user !== 'string') return
    const elsewhere = sign_in === undefined ? ([] as const) : (['user', 'identity_provider'] as const)
    for (const member of ['id_token', 'userinfo', ...elsewhere] as const)
      if (request[member] !== undefined)
        context.addIssue({ code: 'custom', path: [member], message: 'What the provider says is taken from there.' })
  })
export type PreviewRequest = z.infer<typeof PreviewRequest>

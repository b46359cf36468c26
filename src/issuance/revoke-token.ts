import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { Sender } from './open-session.ts'
import { newEvent } from './record-event.ts'
import { checkOwner } from './refresh-policy.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'inTransaction'>

/**
 * Token Revocation, RFC 7009 §2. A refresh token takes all that its grant yielded with it; what the wallet holds stays valid. A token that
 * nobody knows is revoked already (§2.2), and what the wallet thinks it is does not matter (§2.1).
 * @throws ProtocolError `invalid_request` without a token, `invalid_grant` for another client's
 */
export async function revokeToken(
  services: Needs,
  issuer: LiveIssuer,
  parameters: URLSearchParams,
  sender: Sender,
): Promise<void> {
  const { clock, tables, inTransaction } = services
  const secret = parameters.get('token')
  if (!secret) throw new ProtocolError('invalid_request', 'The request has no token.')
  const found = await tables.tokens.findWithGrant(issuer, hash(secret), ['access', 'refresh'])
  if (!found) return
  checkOwner(found, sender)

  const { token, grant } = found
  const now = clock()
  if (token.kind === 'access') await tables.tokens.revoke(issuer, hash(secret), now)
  if (token.kind === 'access' || grant.endedAt) return
  const event = newEvent(services, 'grant.revoked', { sessionId: grant.sessionId, offerId: grant.offerId })
  await inTransaction(async (within) => {
    await within.grants.end(issuer, grant.id, now)
    await within.events.insert(issuer, event)
  })
}

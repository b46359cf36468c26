import { hash } from '../lib/secrets.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { StoredSignIn } from '../store/sign-ins.ts'

/** An answer that is not to this sign-in: nothing is asked of any provider for it. */
export const foreignAnswer = (fault: string, facts: Record<string, string | undefined> = {}) =>
  new ProtocolError('access_denied', 'The answer does not belong to a sign-in.', {
    help: 'provider-answer',
    cause: { fault, ...facts },
  })

/** The sign-in that a callback's `state` belongs to; the issuer is known only from it. */
export async function findCallback(
  { configuration, tables }: Pick<Services, 'configuration' | 'tables'>,
  tenantName: string,
  answer: URLSearchParams,
): Promise<{ issuer: LiveIssuer; signIn: StoredSignIn }> {
  const tenant = await configuration.findTenant(tenantName)
  if (!tenant) throw new ProtocolError('not_found', 'There is no such tenant.', { help: 'tenant-unknown' })
  const [state, ...more] = answer.getAll('state')
  const signIn = state && more.length === 0 ? await tables.signIns.findByState(tenant.id, hash(state)) : undefined
  const issuer = [...tenant.issuers.values()].find(({ issuerId }) => issuerId === signIn?.issuerId)
  if (!signIn || !issuer) throw foreignAnswer('callback-state-unknown')
  return { issuer, signIn }
}

import type { LiveIssuer } from '../model/live.ts'
import type { AuthorizationRequest, CredentialDetail } from '../protocol/authorization-request.ts'
import type { ClaimsPath } from '../protocol/claims-path.ts'
import { ProtocolError } from '../protocol/errors.ts'

/** What a wallet asked for. `scope` holds only what was understood. */
export type Asked = {
  configurationIds: string[]
  byDetails: boolean
  scope: string | undefined
  /** The claims without which the wallet does not want a credential (Appendix B.1), by configuration. */
  mandatoryClaims: Record<string, ClaimsPath[]>
}

/**
 * The credential configurations of a request, OpenID4VCI §5.1.1 and §5.1.2: `authorization_details` and every value of `scope` on
 * their own; unknown scopes are ignored. An offer limits them, and stands for them where the wallet names none: such wallets
 * take the `issuer_state` to say it all.
 * @throws ProtocolError `invalid_authorization_details`, `invalid_scope`, `invalid_request`
 */
export function selectConfigurations(
  { configurations }: LiveIssuer,
  { scopes, details }: Pick<AuthorizationRequest, 'scopes' | 'details'>,
  offered: readonly string[] | undefined,
): Asked {
  if (details?.some(({ configurationId }) => !configurations.has(configurationId))) {
    throw new ProtocolError('invalid_authorization_details', 'The issuer has no such credential configuration.')
  }
  const byScope = [...configurations.values()].filter(({ scope }) => scopes.includes(scope))
  const named = [
    ...new Set([...(details ?? []).map(({ configurationId }) => configurationId), ...byScope.map(({ id }) => id)]),
  ]
  const known = offered?.filter((id) => configurations.has(id))
  if (named.length === 0 && known && known.length > 0) {
    return { configurationIds: known, byDetails: true, scope: undefined, mandatoryClaims: {} }
  }
  if (named.length === 0) {
    throw scopes.length > 0
      ? new ProtocolError('invalid_scope', 'No value of scope names a credential of this issuer.')
      : new ProtocolError('invalid_request', 'The request names no credential, by scope or authorization_details.')
  }
  const configurationIds = known ? named.filter((id) => known.includes(id)) : named
  if (configurationIds.length === 0) {
    throw new ProtocolError('invalid_request', 'The offer does not hold what the request asks for.')
  }
  const granted = byScope.filter(({ id }) => configurationIds.includes(id)).map(({ scope }) => scope)
  const scope = granted.length > 0 ? [...new Set(granted)].join(' ') : undefined
  return { configurationIds, byDetails: details !== undefined, scope, mandatoryClaims: mandatoryIn(details ?? []) }
}

/** The claims that details call mandatory, of one configuration named twice together. */
export function mandatoryIn(details: readonly CredentialDetail[]): Record<string, ClaimsPath[]> {
  const all: Record<string, ClaimsPath[]> = {}
  for (const { configurationId, mandatory } of details)
    all[configurationId] = [...(all[configurationId] ?? []), ...mandatory]
  return all
}

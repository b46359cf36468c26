import type { NeededClaims } from '../connectors/connector.ts'
import { ofTheToken } from '../model/id-token.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { SubjectKind } from '../model/subject.ts'
import { mayServe } from './choose-provider.ts'
import { readsOfAll } from './claim-sources.ts'

/** The scopes for claims, OIDC Core §5.4. */
const scopeOfClaim = new Map<string, string>([
  ['email', 'email'],
  ['email_verified', 'email'],
  ['address', 'address'],
  ['phone_number', 'phone'],
  ['phone_number_verified', 'phone'],
])
/** What is read of a sign-in beside the rules, to know the person that an offer names. */
const naming: Record<SubjectKind, { id_token: string[]; userinfo: string[] }> = {
  account: { id_token: [], userinfo: [] },
  oid: { id_token: ['oid'], userinfo: [] },
  email: { id_token: ['email', 'email_verified'], userinfo: ['email', 'email_verified'] },
}

/**
 * What a sign-in has to ask the provider for, so that these credentials can be made of it: the claims that their rules read, and the
 * standard scopes that carry them. A claim that no standard knows is looked for under `profile`, where products put it.
 */
export function neededClaims(
  issuer: LiveIssuer,
  configurationIds: readonly string[],
  identityProvider: string,
  subject: SubjectKind = 'account',
): NeededClaims {
  const served = configurationIds.filter((id) => mayServe(issuer, id, identityProvider))
  const reads = readsOfAll(issuer, served, identityProvider)
  const namesIn = (wanted: 'id_token' | 'userinfo') => {
    const names = reads.flatMap(({ root, steps }) => (root === wanted ? [steps[0] ?? ''] : []))
    return [...new Set([...names, ...naming[subject][wanted]])].filter((name) => !ofTheToken.has(name))
  }
  const [idToken, userinfo] = [namesIn('id_token'), namesIn('userinfo')]
  // Read as a whole, without a name: everything that may be there.
  const isOpen = [...idToken, ...userinfo].includes('')
  const scopes = [...idToken, ...userinfo].map((name) => scopeOfClaim.get(name.split('#')[0] ?? '') ?? 'profile')
  const asked = isOpen ? ['profile', 'email', ...scopes] : scopes
  return {
    scope: ['openid', ...['profile', 'email', 'address', 'phone'].filter((scope) => asked.includes(scope))].join(' '),
    id_token: idToken.filter(Boolean),
    userinfo: userinfo.filter(Boolean),
    readsUserinfo: userinfo.length > 0,
  }
}

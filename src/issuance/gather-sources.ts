import { type Read, readsMember } from '../claims/reads.ts'
import type { Account, SignIn } from '../connectors/connector.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { upstreamOf } from './choose-provider.ts'
import { readsOfAll } from './claim-sources.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'fetch' | 'providerKeys'>

/** What a sign-in itself gave. */
export type KnownSources = Pick<Sources, 'id_token' | 'userinfo' | 'offer' | 'session'> & { account: Account } & Pick<
    SignIn,
    'unknown'
  >

/** How the person signed in, for the rules' `session`. */
export function sessionOf(
  identityProvider: string,
  { acr, amr, auth_time }: Record<string, unknown>,
): Sources['session'] {
  return {
    identity_provider: identityProvider,
    ...(typeof acr === 'string' && { acr }),
    ...(amr !== undefined && { amr: [amr].flat().filter((method) => typeof method === 'string') }),
    ...(typeof auth_time === 'number' && { auth_time }),
  }
}

/** The members of a source that rules read: none if no rule does, `[]` if one reads it whole. */
function wantedOf(reads: readonly Read[], root: Read['root']): string[] | undefined {
  const steps = reads.filter((read) => read.root === root).map(({ steps: [first] }) => first)
  if (steps.length === 0) return undefined
  return steps.includes(undefined) ? [] : [...new Set(steps.filter((step) => step !== undefined))]
}

/** A claim that the provider held back must not pass for one that the person lacks: a rule would give too few roles, or the wrong ones. */
function refuseUnknown(reads: readonly Read[], unknown: SignIn['unknown'] = new Map()): void {
  for (const [name, fault] of unknown)
    if (['id_token', 'userinfo'].some((root) => readsMember(reads, root, name))) throw fault
}

/**
 * What the rules of these configurations may read. The provider's directory is asked only for what a rule in force for that provider
 * reads: its outage hurts no credential that can do without. If one of several needs it, its fault ends the sign-in for all of them:
 * a new try gives all that was asked for, whereas a grant narrowed by an outage would stay so.
 * `mustExist`: the directory is asked in any case, for the account itself.
 * @throws ProtocolError a fault `admin-api-…`, that of a claim the provider did not tell, or that the account is switched off
 */
export async function gatherSources(
  services: Needs,
  issuer: LiveIssuer,
  configurationIds: readonly string[],
  { account, unknown, ...known }: KnownSources,
  { mustExist = false } = {},
): Promise<Sources> {
  const { identity_provider: providerId } = known.session
  const reads = readsOfAll(issuer, configurationIds, providerId)
  refuseUnknown(reads, unknown)
  const wanted = wantedOf(reads, 'user') ?? (mustExist ? ['id'] : undefined)
  const provider = providerId === undefined ? undefined : issuer.tenant.identityProviders.get(providerId)
  if (!wanted || !provider) return known
  const user = await upstreamOf(services, issuer, provider).findUser?.(account, wanted)
  return user ? { ...known, user } : known
}

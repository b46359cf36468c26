import type { Account } from '../connectors/connector.ts'
import { fault } from '../connectors/faults.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { LiveIssuer } from '../model/live.ts'
import { faultOf } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { upstreamOf } from './choose-provider.ts'
import { askClaimSources, readsOfAll, type SourceNeeds } from './claim-sources.ts'
import { gatherSources, type KnownSources } from './gather-sources.ts'
import type { HeldRenewal } from './hold-renewal.ts'
import type { RenewedPerson } from './renewal.ts'

type Needs = SourceNeeds & Pick<Services, 'providerKeys'>

const isSame = (one: Account, other: Account) => one.issuer === other.issuer && one.subject === other.subject

/** The provider as it serves sign-ins for this issuer now: a renewal is no way around a setting. */
function servingProvider(services: Needs, issuer: LiveIssuer, id: string) {
  const provider = issuer.tenant.identityProviders.get(id)
  if (!provider || !issuer.identityProviders.some((link) => link.id === id))
    throw fault('refresh-session-ended', { reason: 'the issuer lets nobody sign in there any more' })
  if (provider.disabled) throw fault('refresh-unavailable', { reason: 'the identity provider is switched off' })
  return upstreamOf(services, issuer, provider)
}

/** What the provider's tokens say now. Where it ends the session only, its directory says whether the account has ended as well. */
async function askProvider(
  services: Needs,
  issuer: LiveIssuer,
  { account, identityProvider, upstream: before }: RenewedPerson,
  keep: HeldRenewal['keep'],
  served: readonly string[],
): Promise<Pick<KnownSources, 'id_token' | 'userinfo' | 'unknown'>> {
  const provider = servingProvider(services, issuer, identityProvider)
  if (!before && !provider.findUser)
    throw fault('refresh-unavailable', { reason: 'the directory of the identity provider is switched off' })
  if (!before) return {}
  const reads = readsOfAll(issuer, served, identityProvider)
  const isRead = (root: string) => reads.some((read) => read.root === root)
  const renewed = provider.renew(before, keep, isRead('userinfo')).catch(async (error: unknown) => {
    if (faultOf(error) === 'refresh-session-ended') await provider.findUser?.(account, ['id'])
    throw error
  })
  const { account: now, id_token, userinfo, unknown } = await renewed
  if (!isSame(now, account)) throw fault('refresh-other-account', { member: 'account' })
  if (isRead('id_token') && Object.keys(id_token).length === 0)
    throw fault('refresh-unavailable', { upstream: 'idp-no-id-token' })
  return { id_token, userinfo, ...(unknown && { unknown }) }
}

/**
 * What the rules of these configurations may read now, without the person: from the provider or its directory, and from claim sources.
 * @throws ProtocolError `refresh-…`, and the faults of directories and claim sources
 */
export async function renewSources(
  services: Needs,
  issuer: LiveIssuer,
  { renewal: { person, session, offer }, keep }: HeldRenewal,
  served: readonly string[],
): Promise<Sources> {
  let known: Sources = { session, ...(offer && { offer }) }
  if (person) {
    const told = await askProvider(services, issuer, person, keep, served)
    const ofPerson = { ...known, ...told, account: person.account }
    known = await gatherSources(services, issuer, served, ofPerson, { mustExist: !person.upstream })
  }
  return (await askClaimSources(services, issuer, served, known, { mayWait: false })).sources
}

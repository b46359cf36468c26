import type { Account, SignIn, UpstreamRenewal } from '../connectors/connector.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { RenewalSource } from '../model/identity-provider.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { AcceptedRequest } from './accept-request.ts'
import { readsOfAll } from './claim-sources.ts'
import type { KnownSources } from './gather-sources.ts'

/** Who is asked for: an account of a provider, by the provider's refresh token or, without one, in its directory. */
export type RenewedPerson = { identityProvider: string; account: Account; upstream?: UpstreamRenewal }

/** The way by which the claims of a grant are fetched again: what has to be known for it, and no claim that can be fetched. Kept sealed. */
export type Renewal = {
  /** Nobody's where the grant came of an offer without a sign-in: its claim sources are asked. */
  person?: RenewedPerson
  /** How the person signed in: a renewal is no sign-in. */
  session: Sources['session']
  /** What the integrator decided for this offer, where rules read it. There is nobody to ask for it again. */
  offer?: Record<string, unknown>
  mandatoryClaims?: AcceptedRequest['mandatoryClaims']
}

export const renewalPlace = (grantId: string) => ({ table: 'grants', column: 'renewal_sealed', row: grantId })

/** Where claims of people from this provider come from when their wallets renew; undefined where nothing is issued anew. */
export const renewalSource = (issuer: LiveIssuer, identityProvider: string): RenewalSource | undefined =>
  issuer.settings.refresh_tokens &&
  (issuer.identityProviders.find(({ id }) => id === identityProvider)?.renewal_claims ??
    issuer.settings.refresh_tokens.claims)

/** Whether the claims stay for as long as they may be issued anew: where they are all there is, or are to stand in for an account that has ended. */
export const keepsClaims = (issuer: LiveIssuer, identityProvider: string, renewal: Renewal | undefined): boolean =>
  renewal
    ? issuer.settings.refresh_tokens?.on_account_ended === 'reissue'
    : renewalSource(issuer, identityProvider) === 'kept'

/** The way that a sign-in leaves behind; undefined where claims are not fetched again, or the provider gave no refresh token. */
export function drawRenewal(
  issuer: LiveIssuer,
  { configurationIds, mandatoryClaims }: Pick<AcceptedRequest, 'configurationIds' | 'mandatoryClaims'>,
  { account, renewal: upstream }: SignIn,
  { session, offer }: KnownSources,
): Renewal | undefined {
  const identityProvider = session.identity_provider ?? ''
  const source = renewalSource(issuer, identityProvider)
  const isPossible = source === 'directory' || (source === 'upstream' && upstream !== undefined)
  if (!isPossible) return undefined
  const readsOffer = readsOfAll(issuer, configurationIds, identityProvider).some(({ root }) => root === 'offer')
  return {
    person: { identityProvider, account, ...(source === 'upstream' && upstream && { upstream }) },
    session,
    ...(offer && readsOffer && { offer }),
    mandatoryClaims,
  }
}

/** The way of an offer without a sign-in: its claim sources. Undefined where it has none, and its data are all there is. */
export function drawOfferRenewal(
  issuer: LiveIssuer,
  configurationIds: readonly string[],
  offer: Record<string, unknown>,
  mandatoryClaims: AcceptedRequest['mandatoryClaims'],
): Renewal | undefined {
  const isAsked = readsOfAll(issuer, configurationIds).some(({ root }) => root === 'source')
  return issuer.settings.refresh_tokens && isAsked ? { session: {}, offer, mandatoryClaims } : undefined
}

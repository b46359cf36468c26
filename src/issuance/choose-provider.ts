import type { ClientKeys } from '../connectors/connector.ts'
import { connect } from '../connectors/index.ts'
import type { IdentityProviderLink } from '../model/identity-provider.ts'
import type { LiveIdentityProvider, LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import type { AcceptedRequest } from './accept-request.ts'

/** A provider as an issuer uses it. */
export type Provider = { link: IdentityProviderLink; provider: LiveIdentityProvider }

/** Whether a configuration may be issued after a sign-in there. */
export const mayServe = (issuer: LiveIssuer, configurationId: string, providerId: string): boolean => {
  const configuration = issuer.configurations.get(configurationId)
  return configuration !== undefined && (configuration.identity_providers?.includes(providerId) ?? true)
}

/**
 * The providers that may serve a sign-in: those of the offer, which can serve every configuration asked for, or at least one.
 * @throws ProtocolError `server_error` if there is none, for then somebody must change a setting
 */
export function providersFor(
  issuer: LiveIssuer,
  { configurationIds, identityProvider }: Pick<AcceptedRequest, 'configurationIds' | 'identityProvider'>,
): Provider[] {
  const usable = issuer.identityProviders.flatMap((link): Provider[] => {
    const provider = issuer.tenant.identityProviders.get(link.id)
    const isWanted = identityProvider === undefined || identityProvider === link.id
    return provider && !provider.disabled && isWanted ? [{ link, provider }] : []
  })
  const serving = (all: boolean) =>
    usable.filter(({ link }) => {
      const served = configurationIds.filter((id) => mayServe(issuer, id, link.id))
      return all ? served.length === configurationIds.length : served.length > 0
    })
  const ofAll = serving(true)
  const chosen = ofAll.length > 0 ? ofAll : serving(false)
  if (chosen.length === 0)
    throw new ProtocolError('server_error', 'No identity provider can serve this sign-in.', {
      help: 'provider-set-up',
      cause: { fault: 'idp-none-serves', configurations: configurationIds },
    })
  return chosen
}

/** The provider whose people have e-mail addresses of this domain. */
const byDomain = (providers: readonly Provider[], domain: string | undefined): Provider | undefined =>
  domain === undefined
    ? undefined
    : providers.find(({ provider }) => provider.domains?.includes(domain.trim().toLowerCase()))

const domainOf = (email: string | undefined) => (email?.includes('@') ? email.split('@').at(-1) : undefined)

/** What the person chose on the chooser page. */
export type Choice = { identityProvider?: string | undefined; email?: string | undefined }

/**
 * The one provider that serves a sign-in, or undefined where the person has to choose: what the person chose, or else what the wallet
 * hints at, by provider, by the e-mail address it names, by a domain; or the only one there is. A hint that leads nowhere is ignored.
 */
export function chooseProvider(
  providers: readonly Provider[],
  request: Pick<AcceptedRequest, 'loginHint' | 'providerHint' | 'domainHint'>,
  { identityProvider, email }: Choice,
): Provider | undefined {
  const named = (id: string | undefined) => providers.find(({ link }) => link.id === id)
  const only = providers.length === 1 ? providers[0] : undefined
  if (identityProvider !== undefined || email !== undefined)
    return named(identityProvider) ?? byDomain(providers, domainOf(email)) ?? only
  return (
    named(request.providerHint) ??
    byDomain(providers, domainOf(request.loginHint)) ??
    byDomain(providers, request.domainHint) ??
    only
  )
}

/** The provider, ready for a sign-in, with the keys that this tenant has there. */
export function upstreamOf(
  { fetch, clock, random, providerKeys }: Pick<Services, 'fetch' | 'clock' | 'random' | 'providerKeys'>,
  { tenantId }: Pick<LiveIssuer, 'tenantId'>,
  { id, ...settings }: LiveIdentityProvider,
): ReturnType<typeof connect> {
  const keys: ClientKeys = {
    owner: `${tenantId} ${id}`,
    get: async (use) => (await providerKeys.get(tenantId, id, use)).privateJwk,
  }
  return connect({ fetch, clock, random, keys }, settings)
}

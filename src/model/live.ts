import type { AuthorizationServer } from './authorization-server.ts'
import type { ClaimSource } from './claim-source.ts'
import type { Attester, WalletProfile } from './clients.ts'
import type { CredentialConfiguration } from './credential-configuration.ts'
import type { IdentityProvider, IdentityProviderLink } from './identity-provider.ts'
import type { IssuerSettings } from './issuer.ts'
import type { TenantSettings } from './tenant.ts'

/** A tenant as a node keeps it in memory: parsed, of one configuration version, never changed. */
export type LiveTenant = {
  readonly id: string
  readonly name: string
  readonly configurationVersion: number
  readonly settings: TenantSettings
  readonly identityProviders: ReadonlyMap<string, LiveIdentityProvider>
  /** With their secrets in the clear, too. */
  readonly claimSources: ReadonlyMap<string, ClaimSource>
  readonly walletProfiles: ReadonlyMap<string, WalletProfile>
  readonly attesters: ReadonlyMap<string, Attester>
  readonly issuers: ReadonlyMap<string, LiveIssuer>
}

/** With its secrets in the clear: it never leaves the process. */
export type LiveIdentityProvider = IdentityProvider & { readonly id: string }

/** With its secret in the clear, likewise. */
export type LiveAuthorizationServer = AuthorizationServer & { readonly id: string }

export type LiveConfiguration = CredentialConfiguration & {
  readonly id: string
  readonly vct: string
  readonly scope: string
  /** The tenant's: days and hours in its claim rules are those of its walls. */
  readonly timeZone: string
}

/** `tenantId` and `issuerId` make it the `Owner` that every store function asks for. */
export type LiveIssuer = {
  readonly tenantId: string
  readonly issuerId: string
  readonly tenant: LiveTenant
  readonly name: string
  readonly identifier: string
  readonly settings: Omit<IssuerSettings, 'credential_configurations'>
  readonly configurations: ReadonlyMap<string, LiveConfiguration>
  readonly identityProviders: readonly IdentityProviderLink[]
  /** Those that are not ours. */
  readonly authorizationServers: readonly LiveAuthorizationServer[]
  readonly retiredAt: Date | undefined
}

import { AuthorizationServer } from '../model/authorization-server.ts'
import { ClaimSource } from '../model/claim-source.ts'
import { Attester, WalletProfile } from '../model/clients.ts'
import { CredentialConfiguration } from '../model/credential-configuration.ts'
import { IdentityProvider, IdentityProviderLink } from '../model/identity-provider.ts'
import { effective, Issuer } from '../model/issuer.ts'
import type {
  LiveAuthorizationServer,
  LiveConfiguration,
  LiveIdentityProvider,
  LiveIssuer,
  LiveTenant,
} from '../model/live.ts'
import { Tenant } from '../model/tenant.ts'
import type { TenantRows } from './tenants.ts'

const IssuerRow = Issuer.omit({ credential_configurations: true })

const reference = /^\$\{secret:([^}]+)\}$/

/** The secrets of a row of a table, opened. */
export type SecretsOf = (
  table: 'identity_providers' | 'authorization_servers' | 'claim_sources',
  row: TenantRows['identityProviders'][number],
) => Record<string, unknown>

/** Rows as the nouns of the model. Rows of a newer version may have members that this one does not know: those are dropped. */
export function parseTenant(rows: TenantRows, secretsOf: SecretsOf, readSecret: (name: string) => string): LiveTenant {
  const resolved = (value: unknown): unknown => {
    if (typeof value === 'string') {
      const [, secret] = reference.exec(value) ?? []
      return secret === undefined ? value : readSecret(secret)
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, resolved(member)]))
  }
  const whole = (...[table, row]: Parameters<SecretsOf>) => ({
    ...(row.settings as object),
    ...(resolved(secretsOf(table, row)) as object),
  })
  const identityProviders = new Map<string, LiveIdentityProvider>()
  for (const row of rows.identityProviders)
    identityProviders.set(row.id, { ...IdentityProvider.parse(whole('identity_providers', row)), id: row.id })
  const servers = rows.authorizationServers.map((row): LiveAuthorizationServer => {
    return { ...AuthorizationServer.strip().parse(whole('authorization_servers', row)), id: row.id }
  })
  const issuers = new Map<string, LiveIssuer>()
  const tenant: LiveTenant = {
    id: rows.id,
    name: rows.name,
    configurationVersion: rows.configurationVersion,
    settings: Tenant.strip().parse(rows.settings),
    identityProviders,
    claimSources: new Map(rows.claimSources.map((row) => [row.id, ClaimSource.parse(whole('claim_sources', row))])),
    walletProfiles: new Map(rows.walletProfiles.map(({ id, settings }) => [id, WalletProfile.strip().parse(settings)])),
    attesters: new Map(rows.attesters.map(({ id, settings }) => [id, Attester.strip().parse(settings)])),
    issuers,
  }
  for (const row of rows.issuers) {
    const settings = effective(IssuerRow.strip().parse(row.settings))
    issuers.set(row.name, {
      tenantId: rows.id,
      issuerId: row.id,
      tenant,
      name: row.name,
      identifier: row.identifier,
      settings,
      configurations: new Map(
        row.configurations.map((one) => [one.id, parseConfiguration(row.identifier, tenant, one)]),
      ),
      identityProviders: row.identityProviders.map((link) =>
        IdentityProviderLink.strip().parse({ ...(link.settings as object), id: link.id }),
      ),
      authorizationServers: (settings.authorization_servers ?? []).flatMap((id) =>
        servers.filter((one) => one.id === id),
      ),
      retiredAt: row.retiredAt,
    })
  }
  return tenant
}

function parseConfiguration(
  identifier: string,
  { settings: { time_zone: timeZone } }: LiveTenant,
  { id, settings }: { id: string; settings: unknown },
): LiveConfiguration {
  const configuration = CredentialConfiguration.strip().parse(settings)
  return {
    ...configuration,
    id,
    vct: configuration.vct ?? `${identifier}/types/${id}`,
    scope: configuration.scope ?? id,
    timeZone,
  }
}

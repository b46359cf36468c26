import type { Realm } from '../connectors/keycloak-realm.ts'
import { Name } from '../model/names.ts'
import { type Claims, proposeClaims } from './propose-claims.ts'
import { adminRolesOf, type Place, proposeClient } from './propose-client.ts'
import { isReference } from './propose-rule.ts'
import { warningsOf } from './propose-warnings.ts'
import { type Comments, writeYaml } from './write-yaml.ts'

export type Wish = Omit<Place, 'tenant'> & {
  /** Keycloak, as people's browsers reach it. */
  url: string
  clientId: string
  issuer: string
  configuration: string
  /** Default: after the realm. */
  tenant?: string | undefined
}

/** What to write down and what to do at Keycloak. */
export type Proposal = {
  tenant: string
  /** YAML. */
  tenantFile: string
  client: Record<string, unknown>
  /** Whether the realm has a client of this name already. */
  isThere: boolean
  /** Of the client `realm-management`, for the service account of the client; none: it has no service account. */
  adminRoles: string[]
  warnings: string[]
}

const badge = [
  { name: 'Employee badge', locale: 'en' },
  { name: 'Dienstausweis', locale: 'de' },
]

/** The name of a tenant after a realm. */
function tenantOf(realm: string): string {
  const name = realm
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 50)
  return [name, `realm-${name}`].find((one) => Name.safeParse(one).success) ?? 'realm'
}

function displayOf({ realm, displayName }: Realm): { name: string }[] {
  const name = displayName
    ?.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
    .slice(0, 100)
  return [{ name: name && !isReference(name) ? name : realm.slice(0, 100) }]
}

const keyOf = (path: readonly string[]) => path.join('.')

function write(realm: Realm, wish: Wish & Place, { claims }: Claims): string {
  const { url, tenant, provider, issuer, configuration, clientId } = wish
  const adminRoles = adminRolesOf(claims)
  const display = displayOf(realm)
  const rules = claims.map(({ path, rule }) => [
    keyOf(path),
    path.some((step) => step.includes('.')) ? { path, ...rule } : rule,
  ])
  const file = {
    tenant,
    display,
    identity_providers: {
      [provider]: {
        ...{ kind: 'keycloak', display, url, realm: realm.realm, client_id: clientId, client_auth: 'private_key_jwt' },
        ...{ par: 'required', scope: 'openid' },
        ...(adminRoles.length > 0 && { admin_api: true }),
      },
    },
    issuers: {
      [issuer]: {
        display,
        wallets: [],
        grants: { authorization_code: { identity_providers: [provider] } },
        credential_configurations: {
          [configuration]: {
            ...{ format: 'dc+sd-jwt', valid_for: 'P90D' },
            ...(configuration === 'EmployeeBadge' && { display: badge }),
            claims: Object.fromEntries(rules),
          },
        },
      },
    },
  }
  const at = ['identity_providers', provider]
  const configurationAt = ['issuers', issuer, 'credential_configurations', configuration]
  const comments: Comments = [
    [[...at, 'url'], ['As browsers of people reach it.']],
    [[...at, 'client_auth'], ['By a key of Claimgate, which Keycloak fetches: there is no secret to keep.']],
    [[...at, 'scope'], ['The client has the scopes behind the claims by default; none has to be asked for.']],
    [[...at, 'admin_api'], [`The service account needs of realm-management: ${adminRoles.join(', ')}.`]],
    [['issuers', issuer, 'wallets'], ['Which wallets may come: write them under wallet_profiles, and name them here.']],
    [[...configurationAt, 'claims'], ['All that the realm tells. Take out what the credential does not need.']],
    ...claims.map(({ path, why }) => [[...configurationAt, 'claims', keyOf(path)], why] as const),
  ]
  const head = ['Proposed from a realm of Keycloak; keycloak-client.json is the client there that goes with it.']
  return writeYaml(file, { head, comments, inline: ['display', 'from', 'grants', 'wallets', 'path'] })
}

/** A tenant file for a realm of Keycloak with one issuer and one credential, and the client at Keycloak that goes with it. */
export function proposeKeycloak(realm: Realm, wish: Wish): Proposal {
  const client = realm.clients.find(({ clientId }) => clientId === wish.clientId)
  const claims = proposeClaims(realm, client, wish.clientId)
  const tenant = wish.tenant ?? tenantOf(realm.realm)
  const place = { ...wish, tenant }
  return {
    tenant,
    tenantFile: write(realm, place, claims),
    client: proposeClient(realm, wish.clientId, claims, place),
    isThere: client !== undefined,
    adminRoles: adminRolesOf(claims.claims),
    warnings: warningsOf(realm, client, claims),
  }
}

import type { AdminRole } from '../connectors/keycloak-admin.ts'
import type { Yield } from '../connectors/keycloak-mappers.ts'
import type { Mapper, ProfileAttribute, Realm } from '../connectors/keycloak-realm.ts'

/** A claim for the tenant file; `why` stands above it, a comment a line. */
export type ProposedClaim = {
  path: string[]
  rule: Record<string, unknown>
  why: string[]
  isEdited: boolean
  /** What the service account has to be for it. */
  adminRoles: readonly AdminRole[]
}

/** A claim that the client can have, and the mapper that makes it; without a scope it is the client's own. */
export type Found = Yield & { mapper: Mapper; scope: string | undefined }

/** The attribute that a claim tells, where it is a single one. */
export const soleAttribute = ({ told }: Yield): string | undefined =>
  told.kind === 'attributes' && told.names.length === 1 ? told.names[0] : undefined

const standard = ['profile', 'email', 'phone', 'address']
/** Whether a mapper is one of those for attributes that a realm may have: what it does not declare is nobody's mistake. */
export const isStandard = ({ scope }: Found): boolean => standard.includes(scope ?? '')

/** Whether people may change an attribute of theirs in the account console. */
export const mayEdit = ({ editUsernameAllowed }: Realm, { name, permissions }: ProfileAttribute): boolean =>
  permissions.edit.includes('user') && (name !== 'username' || editUsernameAllowed)

/** Whether the user profile demands a value whatever the client asks for. */
export const isDemanded = ({ required, selector }: ProfileAttribute): boolean =>
  required !== undefined && required.scopes.length === 0 && (selector?.scopes.length ?? 0) === 0

export const demanded = 'Mandatory: the user profile demands it.'
export const edited = 'People may change this themselves: it proves nothing unless only administrators may edit it.'

/** Whether an algorithm signs with the client's secret, so that whoever is to verify could sign as well. */
export const isSymmetric = (algorithm: string | undefined): boolean => algorithm?.startsWith('HS') ?? false

/** Which attributes a claim tells, whether Keycloak has them at all, and whether people may change them. */
export function judge(realm: Realm, found: Found) {
  const { told } = found
  const { attributes, unmanagedAttributePolicy: unmanaged } = realm.profile
  const names = told.kind === 'attributes' ? told.names : []
  const declared = attributes.filter(({ name }) => names.includes(name))
  // What is not declared is dropped, unless the policy keeps it; groups have whatever attributes they have.
  const isKept = (unmanaged !== undefined && !isStandard(found)) || (told.kind === 'attributes' && told.ofGroups)
  return {
    declared,
    isThere: names.length === 0 || declared.length > 0 || isKept,
    isEdited:
      declared.some((one) => mayEdit(realm, one)) || (declared.length < names.length && unmanaged === 'ENABLED'),
  }
}

import { checkPath, checkPlace } from '../claims/rule.ts'
import { isKnown, isPairwise, yieldOf } from '../connectors/keycloak-mappers.ts'
import type { Mapper, ProfileAttribute, Realm, RealmClient } from '../connectors/keycloak-realm.ts'
import { formats } from '../formats/index.ts'
import { directoryClaims } from './propose-directory.ts'
import {
  demanded,
  edited,
  type Found,
  isDemanded,
  isStandard,
  judge,
  type ProposedClaim,
  soleAttribute,
} from './propose-evidence.ts'
import { displayOf, isReference, namedBy, quoted, sourceOf, teams } from './propose-rule.ts'

export type Claims = { claims: ProposedClaim[]; used: Found[]; warnings: string[] }

const mostClaims = 60
/** Scopes of every realm that are for other things than people, or that say again what another one says. */
const besides = ['microprofile-jwt', 'service_account', 'organization']

/** The mappers of a client: its own and those of its scopes; of one that is not there yet those of every scope that it could have. */
export function mappersOf(
  realm: Realm,
  client: RealmClient | undefined,
): { scope: string | undefined; mapper: Mapper }[] {
  const { defaultClientScopes: byDefault, optionalClientScopes: optional = [] } = client ?? {}
  const names = byDefault ? [...byDefault, ...optional] : [...realm.scopes.keys()]
  const read = names.filter((name) => !besides.includes(name))
  const ofScopes = read.flatMap((scope) => (realm.scopes.get(scope) ?? []).map((mapper) => ({ scope, mapper })))
  return [...(client?.protocolMappers ?? []).map((mapper) => ({ scope: undefined, mapper })), ...ofScopes]
}

/** In the order of the user profile, then by name: whatever the order in which Keycloak tells it. */
function inOrder(found: Found[], attributes: readonly ProfileAttribute[]): Found[] {
  const ranks = new Map(attributes.map(({ name }, index) => [name, index]))
  const rank = (one: Found) => ranks.get(soleAttribute(one) ?? '') ?? ranks.size
  const key = ({ path, scope = '', mapper }: Found) => [path.join('.'), scope, mapper.name].join('\0')
  return found.toSorted((a, b) => rank(a) - rank(b) || (key(a) < key(b) ? -1 : 1))
}

function propose(realm: Realm, found: Found, clientId: string): ProposedClaim {
  const { declared, isEdited } = judge(realm, found)
  const { told, scope, mapper, path, type } = found
  const [attribute] = declared
  const isMandatory = soleAttribute(found) !== undefined && attribute !== undefined && isDemanded(attribute)
  const place = scope === undefined ? `client ${clientId}` : `client scope ${quoted(scope)}`
  const why = [`Mapper ${quoted(mapper.name)} of the ${place}.`]
  if (told.kind === 'constant') why.push('The same for everybody.')
  if (told.kind === 'session') why.push('Of the sign-in, not of the person.')
  if (isMandatory) why.push(demanded)
  if (isEdited) why.push(edited)
  const source = sourceOf(found)
  if (told.kind === 'groups' && told.fullPath && 'from' in source) why.push(...teams(realm, source.from))
  const rule = {
    ...source,
    ...(type !== 'string' && { type }),
    ...(isMandatory && { mandatory: true }),
    ...displayOf(realm, namedBy(found, attribute)),
  }
  return { path, rule, why, isEdited, adminRoles: [] }
}

/** Also two paths that differ only in where a dot is part of a name: in a tenant file both have the same key. */
const isSame = (a: readonly string[], b: readonly string[]) => a.join('.') === b.join('.')
const reservedClaims = formats.get('dc+sd-jwt')?.reservedClaims ?? []

/** Why a path cannot be that of a claim here, beside those that are. */
function obstacle(path: readonly string[], claims: readonly ProposedClaim[]): string | undefined {
  if (claims.length === mostClaims) return `A proposal ends with ${mostClaims} claims.`
  if (path.length > 10 || path.join('.').length > 200 || path.some(isReference))
    return 'Its name cannot stand in a rule.'
  const taken = claims.map((claim) => claim.path)
  if (taken.some((other) => isSame(other, path))) return 'Another mapper makes the same claim.'
  return checkPath(path, reservedClaims) ?? checkPlace(path, taken)
}

/**
 * The claims that a client of a realm can have: what its mappers put into ID token and UserInfo, then what only the Admin API tells.
 * `used` are the mappers behind them; what was left out has a warning.
 */
export function proposeClaims(realm: Realm, client: RealmClient | undefined, clientId: string): Claims {
  const { attributes } = realm.profile
  const all = mappersOf(realm, client)
  const warnings = all
    .filter(({ mapper }) => !isKnown(mapper))
    .map(
      ({ mapper }) =>
        `The mapper ${quoted(mapper.name)} is of a kind that is not read here (${quoted(mapper.protocolMapper)}).`,
    )
  const found = all.flatMap((one): Found[] => {
    const told = isPairwise(one.mapper) ? undefined : yieldOf(one.mapper)
    return told ? [{ ...told, ...one }] : []
  })
  const claims: ProposedClaim[] = []
  const used: Found[] = []
  const add = (claim: ProposedClaim, because: string): boolean => {
    const why = obstacle(claim.path, claims)
    if (why === undefined) claims.push(claim)
    else warnings.push(`${because} is left out. ${why}`)
    return why === undefined
  }
  for (const one of inOrder(found, attributes)) {
    const name = `The claim ${quoted(one.path.join('.'))} of the mapper ${quoted(one.mapper.name)}`
    const { isThere } = judge(realm, one)
    if (isStandard(one) && claims.some(({ path }) => isSame(path, one.path))) continue
    if (one.type === undefined) warnings.push(`${name} is left out. There are no lists of truth values.`)
    else if (isThere) add(propose(realm, one, clientId), name) && used.push(one)
    else if (!isStandard(one))
      warnings.push(`${name} is left out. The user profile does not declare its attribute, so that Keycloak drops it.`)
  }
  for (const { claim, about } of directoryClaims(realm, used)) add(claim, about)
  return { claims, used, warnings }
}

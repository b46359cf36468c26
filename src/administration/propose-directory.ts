import { pathText } from '../claims/source-names.ts'
import type { ProfileAttribute, Realm } from '../connectors/keycloak-realm.ts'
import {
  demanded,
  edited,
  type Found,
  isDemanded,
  mayEdit,
  type ProposedClaim,
  soleAttribute,
} from './propose-evidence.ts'
import { displayOf, isReference, quoted, rolesOf, teams, typeOfAttribute } from './propose-rule.ts'

/** What OpenID Connect calls the attributes that every account has, and where the Admin API has them. */
const ownClaims = new Map([
  ['username', 'preferred_username'],
  ['email', 'email'],
  ['firstName', 'given_name'],
  ['lastName', 'family_name'],
])
const ofKeycloak = /^(default-roles-.*|offline_access|uma_authorization)$/s

type Told = { claim: ProposedClaim; about: string }

function attributeClaim(realm: Realm, attribute: ProfileAttribute): Told {
  const { name } = attribute
  const own = ownClaims.get(name)
  const type = own === undefined ? typeOfAttribute(attribute) : 'string'
  const from = own === undefined ? pathText('user', ['attributes', name]) : `user.${name}`
  const isMandatory = isDemanded(attribute)
  const isEdited = mayEdit(realm, attribute)
  const why = ['No mapper puts the attribute into a token: the Admin API is asked.']
  if (isMandatory) why.push(demanded)
  if (isEdited) why.push(edited)
  const settings = { ...(type !== 'string' && { type }), ...(isMandatory && { mandatory: true }) }
  const rule = { from, ...settings, ...displayOf(realm, attribute) }
  const claim: ProposedClaim = { path: [own ?? name], rule, why, isEdited, adminRoles: ['view-users'] }
  return { claim, about: `The attribute ${quoted(name)}` }
}

function groupsClaim(realm: Realm): Told {
  const from = 'user.groups'
  const rule = { from, type: 'list(string)', ...displayOf(realm, { name: 'groups' }) }
  const why = ['No mapper tells groups: the Admin API is asked, which tells their full paths.', ...teams(realm, from)]
  const claim: ProposedClaim = { path: ['groups'], rule, why, isEdited: false, adminRoles: ['view-users'] }
  return { claim, about: 'The list of groups' }
}

function rolesClaim(realm: Realm): Told {
  const rule = { cel: rolesOf('user.realm_roles'), type: 'list(string)', ...displayOf(realm, { name: 'roles' }) }
  const why = ['No mapper tells realm roles: the Admin API is asked, for those in effect.']
  const adminRoles = ['view-users', 'view-realm'] as const
  return { claim: { path: ['roles'], rule, why, isEdited: false, adminRoles }, about: 'The list of roles' }
}

/** What no mapper of the client tells, and the Admin API does: attributes of the user profile, groups and roles. `about` names each in a sentence. */
export function directoryClaims(realm: Realm, used: readonly Found[]): Told[] {
  const tells = (kind: Found['told']['kind']) => used.some(({ told }) => told.kind === kind)
  const told = new Set(used.map((one) => soleAttribute(one)))
  const attributes = realm.profile.attributes.filter(({ name }) => !told.has(name) && !isReference(name))
  const hasRoles = realm.roles.realm.some(({ name }) => !ofKeycloak.test(name))
  return [
    ...attributes.map((attribute) => attributeClaim(realm, attribute)),
    ...(realm.groups.length > 0 && !tells('groups') ? [groupsClaim(realm)] : []),
    ...(hasRoles && !tells('realm roles') ? [rolesClaim(realm)] : []),
  ]
}

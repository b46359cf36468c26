import type { ClaimType } from '../model/claim-mapping.ts'
import { ofTheToken } from '../model/id-token.ts'
import type { Mapper } from './keycloak-realm.ts'

/** What a claim tells of a person. */
export type Told =
  | { kind: 'attributes'; names: readonly string[]; ofGroups: boolean }
  | { kind: 'property'; name: string }
  | { kind: 'groups'; fullPath: boolean }
  | { kind: 'constant' | 'session' }
  | { kind: 'realm roles'; prefix: string }
  | { kind: 'client roles'; client: string; prefix: string }

/** A claim that a mapper puts where we read. */
export type Yield = {
  path: string[]
  /** Undefined: Claimgate has none for it. */
  type: ClaimType | undefined
  roots: ('id_token' | 'userinfo')[]
  told: Told
}

/** The members of a person that are attributes by another name. */
const ownAttributes = ['username', 'email', 'firstName', 'lastName']
const ofAttributes = (...names: string[]): Told => ({ kind: 'attributes', names, ofGroups: false })

type Config = Mapper['config']
const get = (config: Config, key: string) => config.get(key) ?? ''

/** How each kind of mapper is read: what it tells, and the claim's name where it has no choice. */
const kinds: Record<string, (config: Config) => { told: Told; claim?: string; type?: ClaimType } | undefined> = {
  'oidc-usermodel-attribute-mapper': (config) => ({
    told: {
      ...ofAttributes(get(config, 'user.attribute')),
      ofGroups: config.get('aggregate.attrs') === 'true',
    } as Told,
  }),
  'oidc-usermodel-property-mapper': (config) => {
    const name = get(config, 'user.attribute')
    return { told: ownAttributes.includes(name) ? ofAttributes(name) : { kind: 'property', name } }
  },
  'oidc-group-membership-mapper': (config) => ({
    told: { kind: 'groups', fullPath: config.get('full.path') === 'true' },
    type: 'list(string)',
  }),
  'oidc-usermodel-realm-role-mapper': (config) => ({
    told: { kind: 'realm roles', prefix: get(config, 'usermodel.realmRoleMapping.rolePrefix') },
  }),
  'oidc-usermodel-client-role-mapper': (config) => ({
    told: {
      kind: 'client roles',
      client: get(config, 'usermodel.clientRoleMapping.clientId'),
      prefix: get(config, 'usermodel.clientRoleMapping.rolePrefix'),
    },
  }),
  'oidc-hardcoded-claim-mapper': () => ({ told: { kind: 'constant' } }),
  'oidc-usersessionmodel-note-mapper': () => ({ told: { kind: 'session' } }),
  'oidc-full-name-mapper': () => ({ told: ofAttributes('firstName', 'lastName'), claim: 'name', type: 'string' }),
  'oidc-address-mapper': (config) => {
    const names = [...config].filter(([key]) => key.startsWith('user.attribute.')).map(([, name]) => name)
    return { told: ofAttributes(...names), claim: 'address', type: 'object' }
  },
}

/** Mappers that make no claim about a person, or one that only the sign-in itself is about. */
const aboutTokens =
  /^(oidc-(audience|audience-resolve|allowed-origins|acr|amr|sub|nonce-backwards-compatible|session-state|claims-param-token|role-name|hardcoded-role)-mapper|oidc-sha256-pairwise-sub-mapper)$/
/** Keycloak splits a claim's name at its dots; a backslash takes the meaning of what follows. */
const stepsOfClaim = (name: string): string[] =>
  [...name.matchAll(/(?:\\.|[^\\.])+/gs)].map(([step]) => step.replaceAll(/\\(.)/gs, '$1'))

const single: Record<string, ClaimType> = { long: 'integer', int: 'integer', boolean: 'boolean', JSON: 'object' }
const many: Partial<Record<ClaimType, ClaimType>> = {
  ...{ string: 'list(string)', integer: 'list(integer)', object: 'list(object)' },
}

function typeOf(config: Config): ClaimType | undefined {
  const type = single[get(config, 'jsonType.label')] ?? 'string'
  return config.get('multivalued') === 'true' ? many[type] : type
}

function rootsOf(config: Config): Yield['roots'] {
  const isInIdToken = config.get('id.token.claim') === 'true'
  // Where the switch is missing, Keycloak goes by the other one.
  const isInUserinfo = (config.get('userinfo.token.claim') ?? config.get('id.token.claim')) === 'true'
  return [...(isInIdToken ? (['id_token'] as const) : []), ...(isInUserinfo ? (['userinfo'] as const) : [])]
}

export const isPairwise = ({ protocolMapper }: Mapper): boolean => protocolMapper === 'oidc-sha256-pairwise-sub-mapper'

/** Whether what a mapper does is known here. */
export const isKnown = ({ protocolMapper }: Mapper): boolean =>
  Object.hasOwn(kinds, protocolMapper) || aboutTokens.test(protocolMapper)

/** The claim that a mapper of Keycloak puts into the ID token or UserInfo; undefined where it puts none there that is about the person. */
export function yieldOf({ protocolMapper, config }: Mapper): Yield | undefined {
  const kind = Object.hasOwn(kinds, protocolMapper) ? kinds[protocolMapper]?.(config) : undefined
  const roots = rootsOf(config)
  if (!kind || roots.length === 0) return undefined
  const { told, claim = get(config, 'claim.name'), type = typeOf(config) } = kind
  // Roles of all clients lie in one object, each under its client.
  if (told.kind === 'client roles' && told.client === '') return undefined
  const path = stepsOfClaim(
    claim.replaceAll('${client_id}', () => ('client' in told ? told.client.replaceAll(/[\\.]/g, '\\$&') : '')),
  )
  const isPerson = path.length > 0 && !ofTheToken.has(path.join('.'))
  return isPerson ? { path, type, roots, told } : undefined
}

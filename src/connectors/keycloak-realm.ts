import { z } from 'zod'
import { builtInScopes, builtInTexts, defaultProfile } from './keycloak-built-in.ts'

/** Those entries that are as they should be; a list is never refused for the others. */
const listOf = <T extends z.ZodType>(entry: T) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((list): z.output<T>[] =>
      list.flatMap((one) => {
        const parsed = entry.safeParse(one)
        return parsed.success ? [parsed.data] : []
      }),
    )
const text = z.string().max(2000)
const texts = listOf(text)
const on = z.boolean().catch(false)
/** Texts by name. A map, for names such as `__proto__` come from others. */
const textsByName = z
  .unknown()
  .optional()
  .transform(
    (value): ReadonlyMap<string, string> =>
      new Map(Object.entries(value ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string')),
  )

const Mapper = z.object({
  name: text.catch(''),
  protocolMapper: text,
  config: textsByName,
})
export type Mapper = z.infer<typeof Mapper>

const Scope = z.object({ name: text, protocol: text.catch('openid-connect'), protocolMappers: listOf(Mapper) })

const Client = z.object({
  clientId: text,
  publicClient: on,
  implicitFlowEnabled: on,
  redirectUris: texts,
  attributes: textsByName,
  protocolMappers: listOf(Mapper),
  defaultClientScopes: texts.optional(),
  optionalClientScopes: texts.optional(),
})
export type RealmClient = z.infer<typeof Client>

const ProfileAttribute = z.object({
  name: text.min(1),
  displayName: text.optional().catch(undefined),
  validations: z.record(z.string(), z.unknown()).catch({}),
  required: z.object({ scopes: texts }).optional().catch(undefined),
  permissions: z.object({ edit: texts }).catch({ edit: [] }),
  selector: z.object({ scopes: texts }).optional().catch(undefined),
  multivalued: on,
})
export type ProfileAttribute = z.infer<typeof ProfileAttribute>

const Profile = z.object({
  attributes: listOf(ProfileAttribute),
  /** What becomes of attributes that are not declared; without a policy they are dropped. */
  unmanagedAttributePolicy: text.optional().catch(undefined),
})

const Group = z.object({ name: text, subGroupCount: z.number().catch(0), subGroups: z.array(z.unknown()).catch([]) })
const ProfileComponent = z.object({ config: z.object({ 'kc.user.profile.config': z.tuple([z.string()]) }) })

const Representation = z.object({
  realm: z.string().regex(/^[^\p{C}/?#\\%;{}]{1,255}$/u),
  displayName: text.optional().catch(undefined),
  defaultLocale: text.optional().catch(undefined),
  localizationTexts: z.record(z.string(), textsByName).catch({}),
  registrationAllowed: on,
  verifyEmail: on,
  editUsernameAllowed: on,
  registrationEmailAsUsername: on,
  bruteForceProtected: on,
  defaultSignatureAlgorithm: text.catch('RS256'),
  clientScopes: listOf(Scope).optional(),
  clients: listOf(Client),
  defaultDefaultClientScopes: texts.optional(),
  defaultOptionalClientScopes: texts.optional(),
  groups: listOf(Group),
  roles: z.object({ realm: listOf(z.object({ name: text })) }).catch({ realm: [] }),
  components: z
    .object({ 'org.keycloak.userprofile.UserProfileProvider': listOf(ProfileComponent).optional() })
    .catch({}),
})

/** What of a realm decides which claims it yields, and who may be trusted with them. */
export type Realm = Omit<z.infer<typeof Representation>, 'clientScopes' | 'components'> & {
  /** By name, of OpenID Connect only. */
  scopes: ReadonlyMap<string, readonly Mapper[]>
  profile: z.infer<typeof Profile>
}

function profileIn({ components }: z.infer<typeof Representation>): unknown {
  const [component] = components['org.keycloak.userprofile.UserProfileProvider'] ?? []
  try {
    return component ? JSON.parse(component.config['kc.user.profile.config'][0]) : defaultProfile
  } catch {
    return defaultProfile
  }
}

/**
 * A realm as Keycloak exports it (a file of several: the one of this name). What a file to be imported leaves out is what Keycloak itself
 * makes of it; what is not as Keycloak writes it is passed over. Undefined: there is no such realm in it.
 */
export function readRealm(exported: unknown, name?: string): Realm | undefined {
  const found = [exported]
    .flat()
    .map((one) => Representation.safeParse(one).data)
    .find((one) => one && (name === undefined || one.realm === name))
  if (!found) return undefined
  const { clientScopes, components: _, ...realm } = found
  const scopes = clientScopes?.length ? clientScopes : listOf(Scope).parse(builtInScopes)
  const profile = Profile.safeParse(profileIn(found)).data ?? Profile.parse(defaultProfile)
  const openId = scopes.filter(({ protocol }) => protocol === 'openid-connect')
  return { ...realm, scopes: new Map(openId.map((scope) => [scope.name, scope.protocolMappers])), profile }
}

const isMessageKey = /^\$\{([^{}]+)\}$/

/** What an attribute is called, by locale; none where its name is a message that nobody wrote. `''` is no locale in particular. */
export function namesOf(
  { localizationTexts }: Realm,
  { name, displayName }: { name: string; displayName?: string | undefined },
) {
  const [, key] = isMessageKey.exec(displayName ?? '') ?? []
  if (displayName !== undefined && displayName.trim() !== '' && key === undefined) return new Map([['', displayName]])
  const written = Object.entries(localizationTexts).flatMap(([locale, messages]): [string, string][] => {
    const message = messages.get(key ?? '')
    return message === undefined ? [] : [[locale, message]]
  })
  return new Map<string, string>([...(builtInTexts.get(key ?? name) ?? []), ...written.toSorted()])
}

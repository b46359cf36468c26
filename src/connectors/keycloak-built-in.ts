/** A mapper that every new realm has, as an export writes it. */
const mapper = (protocolMapper: string, config: Record<string, string>) => ({
  ...{ name: config['claim.name'] ?? protocolMapper, protocol: 'openid-connect', protocolMapper },
  config: { 'id.token.claim': 'true', 'userinfo.token.claim': 'true', 'jsonType.label': 'String', ...config },
})
const attribute = (name: string, claim = name, type = 'String') =>
  mapper('oidc-usermodel-attribute-mapper', {
    ...{ 'user.attribute': name, 'claim.name': claim, 'jsonType.label': type },
  })
const parts = ['formatted', 'street', 'locality', 'region', 'postal_code', 'country']

/**
 * The client scopes that Keycloak 26 gives a new realm, as far as they yield claims: a file that is to be imported names none, and
 * Keycloak then makes these.
 */
export const builtInScopes = [
  { name: 'basic' },
  { name: 'acr' },
  {
    name: 'profile',
    protocolMappers: [
      attribute('username', 'preferred_username'),
      ...[attribute('firstName', 'given_name'), attribute('lastName', 'family_name')],
      ...[attribute('middleName', 'middle_name'), attribute('updatedAt', 'updated_at', 'long')],
      ...['nickname', 'profile', 'picture', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale'].map((name) =>
        attribute(name),
      ),
      mapper('oidc-full-name-mapper', {}),
    ],
  },
  {
    name: 'email',
    protocolMappers: [
      attribute('email'),
      mapper('oidc-usermodel-property-mapper', {
        ...{ 'user.attribute': 'emailVerified', 'claim.name': 'email_verified', 'jsonType.label': 'boolean' },
      }),
    ],
  },
  {
    name: 'phone',
    protocolMappers: [
      attribute('phoneNumber', 'phone_number'),
      attribute('phoneNumberVerified', 'phone_number_verified', 'boolean'),
    ],
  },
  {
    name: 'address',
    protocolMappers: [
      mapper('oidc-address-mapper', Object.fromEntries(parts.map((part) => [`user.attribute.${part}`, part]))),
    ],
  },
]

const people = { view: ['admin', 'user'], edit: ['admin', 'user'] }

/** The user profile of a realm that nobody changed. */
export const defaultProfile = {
  attributes: ['username', 'email', 'firstName', 'lastName'].map((name) => ({
    ...{ name, displayName: `\${${name}}`, permissions: people },
    ...(name !== 'username' && { required: { roles: ['user'] } }),
  })),
}

/** What Keycloak's own messages call things, and what is called so often that a name is known without one. */
export const builtInTexts: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries({
    username: ['User name', 'Benutzername'],
    email: ['E-mail address', 'E-Mail-Adresse'],
    emailVerified: ['E-mail address verified', 'E-Mail-Adresse bestätigt'],
    firstName: ['Given name', 'Vorname'],
    lastName: ['Family name', 'Nachname'],
    name: ['Name', 'Name'],
    address: ['Address', 'Adresse'],
    birthdate: ['Date of birth', 'Geburtsdatum'],
    phoneNumber: ['Telephone number', 'Telefonnummer'],
    groups: ['Groups', 'Gruppen'],
    roles: ['Roles', 'Rollen'],
  }).map(([key, [en = '', de = '']]) => [
    key,
    new Map([
      ['en', en],
      ['de', de],
    ]),
  ]),
)

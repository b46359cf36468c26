import { readFileSync } from 'node:fs'
import test from 'ava'
import fc from 'fast-check'
import { parse } from 'yaml'
import { proposeKeycloak } from '../../src/administration/propose-keycloak.ts'
import { readTenantFile } from '../../src/administration/read-tenant-file.ts'
import { mistakeLine } from '../../src/administration/read-yaml.ts'
import { readRealm } from '../../src/connectors/keycloak-realm.ts'

type Json = Record<string, unknown>
type Rules = Record<string, Json>

const wish = {
  ...{ url: 'https://login.example', publicUrl: 'https://issuer.example', provider: 'keycloak', clientId: 'claimgate' },
  ...{ issuer: 'staff', configuration: 'EmployeeBadge' },
}

/** What is proposed of an export, with its claim rules as they are read back. */
function propose(exported: unknown, more: Partial<typeof wish> = {}) {
  const realm = readRealm(exported)
  if (!realm) throw new Error('There is no realm in it.')
  const proposal = proposeKeycloak(realm, { ...wish, ...more })
  const file = parse(proposal.tenantFile) as Json
  const at = ['issuers', 'staff', 'credential_configurations', 'EmployeeBadge', 'claims']
  const claims = at.reduce<unknown>((value, name) => (value as Json)[name], file) as Rules
  const providers = file.identity_providers as Record<string, Json>
  return { ...proposal, claims, provider: providers.keycloak ?? {}, mistakes: mistakesOf(proposal.tenantFile) }
}
function mistakesOf(text: string): string[] {
  const read = readTenantFile(text, 'proposed', { environment: {}, folder: '.', demo: false, now: new Date() })
  return 'mistakes' in read ? read.mistakes.map(mistakeLine) : []
}

const mapper = (kind: string, config: Record<string, string>, name = 'a mapper'): Json => ({
  ...{ name, protocol: 'openid-connect', protocolMapper: `oidc-${kind}-mapper` },
  config: { 'id.token.claim': 'true', 'userinfo.token.claim': 'true', 'jsonType.label': 'String', ...config },
})
const ofAttribute = (name: string, config: Record<string, string> = {}) =>
  mapper('usermodel-attribute', { 'user.attribute': name, 'claim.name': name, ...config })

/** A realm whose client has these mappers and nothing else, and whose user profile declares these attributes. */
const realmWith = (protocolMappers: Json[], attributes: Json[] = [], more: Json = {}, policy?: string): Json => ({
  ...{ realm: 'acme', bruteForceProtected: true, verifyEmail: true },
  clients: [{ clientId: 'claimgate', defaultClientScopes: ['basic'], protocolMappers }],
  components: {
    'org.keycloak.userprofile.UserProfileProvider': [
      { config: { 'kc.user.profile.config': [JSON.stringify({ attributes, unmanagedAttributePolicy: policy })] } },
    ],
  },
  ...more,
})
const declared = (name: string, more: Json = {}): Json => ({ name, permissions: { edit: ['admin'] }, ...more })

test('each kind of mapper becomes a rule that reads what it yields, where it puts it, as what it is', (t) => {
  const both = (path: string) => ({ from: [`id_token${path}`, `userinfo${path}`] })
  const expected: [Json, Rules][] = [
    [ofAttribute('number'), { number: both('.number') }],
    [ofAttribute('number', { 'jsonType.label': 'long' }), { number: { ...both('.number'), type: 'integer' } }],
    [
      ofAttribute('number', { 'jsonType.label': 'int', multivalued: 'true' }),
      { number: { ...both('.number'), type: 'list(integer)' } },
    ],
    [ofAttribute('number', { 'jsonType.label': 'JSON' }), { number: { ...both('.number'), type: 'object' } }],
    [ofAttribute('number', { 'jsonType.label': 'boolean' }), { number: { ...both('.number'), type: 'boolean' } }],
    [ofAttribute('number', { 'id.token.claim': 'false' }), { number: { from: 'userinfo.number' } }],
    [ofAttribute('number', { 'userinfo.token.claim': 'false' }), { number: { from: 'id_token.number' } }],
    [ofAttribute('number', { 'claim.name': 'work.number' }), { 'work.number': both('.work.number') }],
    [
      ofAttribute('number', { 'claim.name': 'acme\\.example.number' }),
      { 'acme.example.number': { path: ['acme.example', 'number'], ...both('["acme.example"].number') } },
    ],
    [
      {
        ...{ name: 'old', protocolMapper: 'oidc-usermodel-attribute-mapper' },
        config: { 'user.attribute': 'number', 'claim.name': 'number', 'id.token.claim': 'true' },
      },
      { number: both('.number') },
    ],
    [mapper('usermodel-property', { 'user.attribute': 'id', 'claim.name': 'user_id' }), { user_id: both('.user_id') }],
    [mapper('group-membership', { 'claim.name': 'groups' }), { groups: { ...both('.groups'), type: 'list(string)' } }],
    [
      mapper('usermodel-client-role', {
        ...{ 'claim.name': 'resource_access.${client_id}.roles', multivalued: 'true' },
        'usermodel.clientRoleMapping.clientId': 'hr.portal',
      }),
      {
        'resource_access.hr.portal.roles': {
          path: ['resource_access', 'hr.portal', 'roles'],
          ...both('.resource_access["hr.portal"].roles'),
          type: 'list(string)',
        },
      },
    ],
    [mapper('hardcoded-claim', { 'claim.name': 'company', 'claim.value': 'Acme' }), { company: both('.company') }],
    [
      mapper('usersessionmodel-note', { 'claim.name': 'via', 'user.session.note': 'identity_provider' }),
      { via: both('.via') },
    ],
    [mapper('address', { 'user.attribute.street': 'number' }), { address: { ...both('.address'), type: 'object' } }],
  ]
  for (const [one, rules] of expected) {
    const { claims, mistakes } = propose(realmWith([one], [declared('number')]))
    const shown = Object.entries(claims).map(([key, { display: _, ...rule }]) => [key, rule])
    const fromDirectory =
      'number' in rules || !('number' in claims) ? {} : { number: { from: 'user.attributes.number' } }
    const isTold = one.protocolMapper === 'oidc-usermodel-attribute-mapper'
    t.deepEqual(Object.fromEntries(shown), { ...rules, ...(isTold ? {} : fromDirectory) }, JSON.stringify(one))
    t.deepEqual(mistakes, [])
  }
})

test('what is about the token, or in neither place that is read, is no claim', (t) => {
  const none = [
    mapper('audience', { 'included.client.audience': 'x' }),
    mapper('usersessionmodel-note', { 'claim.name': 'auth_time', 'user.session.note': 'AUTH_TIME' }),
    mapper('hardcoded-claim', { 'claim.name': 'iss' }),
    mapper('hardcoded-claim', {
      'claim.name': 'only_access',
      'id.token.claim': 'false',
      'userinfo.token.claim': 'false',
    }),
  ]
  t.deepEqual(propose(realmWith(none)).claims, {})
})

test('two claims of one name, a claim inside a claim, and one that only the issuer may set: one is proposed, the others are named', (t) => {
  const names = ['a', 'b', 'a.c', 'b', 'cnf', 'x\\.y', 'x.y']
  const mappers = names.map((name, index) => mapper('hardcoded-claim', { 'claim.name': name }, `number ${index}`))
  const { claims, warnings, mistakes } = propose(realmWith(mappers))
  t.deepEqual(mistakes, [])
  t.deepEqual(Object.keys(claims), ['a', 'b', 'x.y'])
  t.deepEqual(warnings.map((warning) => /number \d/.exec(warning)?.[0]).toSorted(), [
    'number 2',
    'number 3',
    'number 4',
    'number 6',
  ])
})

test('roles are without those that Keycloak gives everybody, and the full scope is on for them', (t) => {
  const roles = mapper('usermodel-realm-role', { 'claim.name': 'realm_access.roles', multivalued: 'true' })
  const { claims, client, mistakes } = propose(realmWith([roles]))
  t.is(
    claims['realm_access.roles']?.cel,
    'id_token.?realm_access.?roles.or(userinfo.?realm_access.?roles).orValue([]).filter(role, !role.startsWith("default-roles-") && !(role in ["offline_access", "uma_authorization"]))',
  )
  t.true(client.fullScopeAllowed)
  t.deepEqual(mistakes, [])
})

test('what no mapper tells is read by the Admin API, and the service account is told its roles', (t) => {
  const attributes = [
    declared('shoe', { multivalued: true }),
    declared('size', { validations: { integer: {} } }),
    { name: 'firstName' },
  ]
  const realm = realmWith([], attributes, { groups: [{ name: 'staff' }], roles: { realm: [{ name: 'employee' }] } })
  const { claims, provider, client, adminRoles, mistakes } = propose(realm)
  t.like(claims, {
    shoe: { from: 'user.attributes.shoe', type: 'list(string)' },
    size: { from: 'user.attributes.size', type: 'integer' },
    given_name: { from: 'user.firstName' },
    groups: { from: 'user.groups', type: 'list(string)' },
  })
  t.regex(String(claims.roles?.cel), /^user\.realm_roles\.filter/)
  t.true(provider.admin_api)
  t.like(client, { serviceAccountsEnabled: true, fullScopeAllowed: true })
  t.deepEqual(adminRoles, ['view-realm', 'view-users'])
  t.deepEqual(mistakes, [])
})

test('where tokens tell all of it, there is no service account and no Admin API', (t) => {
  const { provider, client, adminRoles } = propose(realmWith([ofAttribute('a')], [declared('a')]))
  t.false('admin_api' in provider)
  t.like(client, { serviceAccountsEnabled: false, fullScopeAllowed: false })
  t.deepEqual(adminRoles, [])
})

test('a claim that the user profile demands is mandatory, one that it asks for with a scope is not', (t) => {
  const attributes = [
    declared('always', { required: {} }),
    declared('sometimes', { required: { scopes: ['hr'] } }),
    declared('selected', { required: {}, selector: { scopes: ['hr'] } }),
  ]
  const { claims } = propose(
    realmWith(
      attributes.map(({ name }) => ofAttribute(String(name))),
      attributes,
    ),
  )
  t.deepEqual(
    Object.entries(claims)
      .filter(([, { mandatory }]) => mandatory)
      .map(([key]) => key),
    ['always'],
  )
})

test('names are those of the realm’s messages by locale, of the user profile, or of the attribute', (t) => {
  const attributes = [
    declared('number', { displayName: '${employee}' }),
    declared('shoe', { displayName: 'Shoe size' }),
    declared('costCentre', { displayName: '${unknown}' }),
    declared('lastName', { displayName: '${lastName}' }),
  ]
  const texts = {
    en: { employee: 'Staff number' },
    'pt-BR': { employee: 'Matrícula' },
    'no locale!': { employee: 'x' },
  }
  const { claims } = propose(realmWith([], attributes, { localizationTexts: texts }))
  const shown = Object.fromEntries(Object.entries(claims).map(([key, { display }]) => [key, display]))
  t.deepEqual(shown, {
    number: [
      { name: 'Staff number', locale: 'en' },
      { name: 'Matrícula', locale: 'pt-BR' },
    ],
    shoe: [{ name: 'Shoe size' }],
    costCentre: [{ name: 'Cost centre' }],
    family_name: [
      { name: 'Family name', locale: 'en' },
      { name: 'Nachname', locale: 'de' },
    ],
  })
})

test('what people may change themselves is marked at its rule, and warned of', (t) => {
  const attributes = [
    declared('mine', { permissions: { edit: ['user', 'admin'] } }),
    declared('theirs'),
    declared('username', { permissions: { edit: ['user'] } }),
  ]
  const { tenantFile, warnings } = propose(realmWith([ofAttribute('mine')], attributes))
  t.is(tenantFile.match(/# People may change this themselves/g)?.length, 1)
  t.deepEqual(warnings, [
    'People may change these themselves in the account console, so that they prove nothing: "mine".',
  ])
  const open = propose(realmWith([ofAttribute('undeclared')], [], {}, 'ENABLED'))
  t.regex(open.warnings.join(), /"undeclared"/)
  const managed = propose(realmWith([ofAttribute('undeclared')], [], {}, 'ADMIN_EDIT'))
  t.deepEqual([Object.keys(managed.claims), managed.warnings], [['undeclared'], []])
})

test('an attribute that Keycloak drops is left out, and the warning says why', (t) => {
  const { claims, warnings } = propose(realmWith([ofAttribute('undeclared')]))
  t.deepEqual(claims, {})
  t.regex(warnings.join(), /"undeclared".* does not declare/)
  const ofGroups = propose(realmWith([ofAttribute('undeclared', { 'aggregate.attrs': 'true' })]))
  t.deepEqual(Object.keys(ofGroups.claims), ['undeclared'])
})

test('what makes a realm or its client unfit to issue by is warned of, and the proposed client is not so', (t) => {
  const pairwise = { name: 'p', protocolMapper: 'oidc-sha256-pairwise-sub-mapper', config: {} }
  const client = {
    ...{ clientId: 'claimgate', publicClient: true, implicitFlowEnabled: true, redirectUris: ['https://a.example/*'] },
    ...{ defaultClientScopes: ['email'], protocolMappers: [pairwise, mapper('script-x', {})] },
    attributes: { 'id.token.signed.response.alg': 'HS256' },
  }
  const realm = { realm: 'acme', registrationAllowed: true, defaultSignatureAlgorithm: 'HS512', clients: [client] }
  const proposal = propose(realm)
  const about = [
    /public/,
    /implicit/,
    /wildcard/,
    /scope basic/,
    /HS256/,
    /pairwise/,
    /not read here/,
    /User registration/,
    /guessed/,
    /Verify email/,
    /RS256/,
  ]
  for (const one of about) t.is(proposal.warnings.filter((warning) => one.test(warning)).length, 1, String(one))
  t.is(proposal.client.clientAuthenticatorType, 'client-jwt')
  t.like(proposal.client, { publicClient: false, implicitFlowEnabled: false, protocolMappers: [] })
  t.is((proposal.client.attributes as Json)['id.token.signed.response.alg'], 'RS256')
  t.deepEqual(propose(realmWith([])).warnings, [])
})

test('RFC 9700 §2.1, §2.5: the proposed client has one exact redirect URI, PKCE, pushed requests and a key', (t) => {
  const { client } = propose({ realm: 'Acme Staff' }, { provider: 'login' })
  const redirectUri = 'https://issuer.example/acme-staff/callback/login'
  t.deepEqual(client.redirectUris, [redirectUri])
  t.deepEqual(client.attributes, {
    'use.jwks.url': 'true',
    'jwks.url': `${redirectUri}/jwks`,
    'token.endpoint.auth.signing.alg': 'ES256',
    'pkce.code.challenge.method': 'S256',
    'require.pushed.authorization.requests': 'true',
  })
  // A file that is to be imported names no scopes: these Keycloak makes itself.
  t.deepEqual(client.defaultClientScopes, ['acr', 'basic', 'email', 'profile'])
  t.deepEqual(client.optionalClientScopes, ['offline_access'])
})

test('the realm that comes with Claimgate is proposed without a mistake, and its example for groups holds', (t) => {
  const file = new URL('../../keycloak/realm-acme.json', import.meta.url)
  const { tenantFile, claims, mistakes } = propose(JSON.parse(readFileSync(file, 'utf8')))
  t.deepEqual(mistakes, [])
  for (const name of ['given_name', 'employee_number', 'nationalities', 'groups', 'roles']) t.true(name in claims, name)
  t.regex(tenantFile, /# {3}teams: /)
  t.deepEqual(mistakesOf(tenantFile.replace('#   teams: ', 'teams: ')), [])
})

test('of a file with several realms the one that is named is read', (t) => {
  const realms = [{ realm: 'a' }, { realm: 'b', displayName: 'B' }]
  t.is(readRealm(realms, 'b')?.displayName, 'B')
  t.is(readRealm(realms, 'c'), undefined)
  for (const none of [null, 1, [], {}, { realm: 7 }, { realm: '../master' }, { realm: '${env:HOME}' }])
    t.is(readRealm(none), undefined)
})

test('a realm cannot put a reference into the tenant file, which would give away what it names', (t) => {
  const stolen = '${env:HOME}'
  const attributes = [
    declared(stolen),
    declared('a', { displayName: `x ${stolen}` }),
    declared('b', { displayName: '${b}' }),
  ]
  const mappers = [
    ofAttribute('a', { 'claim.name': stolen }),
    mapper('group-membership', { 'claim.name': 'g' }, stolen),
  ]
  const texts = { en: { b: stolen } }
  const realm = realmWith(mappers, attributes, { displayName: stolen, localizationTexts: texts })
  const { tenantFile, mistakes } = propose(realm)
  t.deepEqual(mistakes, [])
  const read = readTenantFile(tenantFile, 'x', {
    environment: { HOME: '/root' },
    folder: '.',
    demo: false,
    now: new Date(),
  })
  t.deepEqual('references' in read && read.references, {})
})

const odd = fc.oneof(
  fc.constantFrom(
    '__proto__',
    '_sd',
    '...',
    'iss',
    'a.b',
    'a\\.b',
    '.',
    '\\',
    '"',
    '${env:A}',
    '${x}',
    '- a',
    '#',
    ': ',
    '!t',
    '&a',
    '*',
    '',
    ' ',
    '\n# x: y',
    '\u2028',
    '\ud800',
    'no',
    '~',
    'x'.repeat(600),
  ),
  fc.string({ unit: 'binary' }),
  fc.string(),
)
const flag = fc.constantFrom('true', 'false', 'x')
const kinds = [
  'usermodel-attribute',
  'usermodel-property',
  'group-membership',
  'usermodel-realm-role',
  'usermodel-client-role',
  'hardcoded-claim',
  'address',
  'full-name',
  'x',
]
const anyMapper = fc.record({
  name: odd,
  protocolMapper: fc.constantFrom(...kinds).map((kind) => `oidc-${kind}-mapper`),
  config: fc.record({
    ...{ 'claim.name': odd, 'user.attribute': odd, multivalued: flag, 'full.path': flag, 'user.attribute.street': odd },
    ...{
      'jsonType.label': fc.constantFrom('String', 'long', 'JSON', 'boolean'),
      'usermodel.clientRoleMapping.clientId': odd,
    },
    ...{
      'usermodel.realmRoleMapping.rolePrefix': odd,
      'id.token.claim': flag,
      'userinfo.token.claim': flag,
      'aggregate.attrs': flag,
    },
  }),
})
const anyProfile = fc.record({
  attributes: fc.array(
    fc.record({
      ...{ name: odd, displayName: odd, multivalued: fc.boolean(), required: fc.constantFrom({}, undefined, 1) },
      ...{
        permissions: fc.constantFrom({ edit: ['user'] }, {}, null),
        validations: fc.constantFrom({ integer: {} }, { 'iso-date': 1 }, []),
      },
    }),
    { maxLength: 8 },
  ),
  unmanagedAttributePolicy: fc.constantFrom('ENABLED', undefined),
})
const anyRealm = fc.record({
  realm: fc.oneof({ weight: 9, arbitrary: fc.constant('acme') }, { weight: 1, arbitrary: odd }),
  displayName: odd,
  groups: fc.array(fc.record({ name: odd, subGroupCount: fc.nat(2) }), { maxLength: 3 }),
  roles: fc.record({ realm: fc.array(fc.record({ name: odd }), { maxLength: 3 }) }),
  localizationTexts: fc.dictionary(odd, fc.dictionary(odd, odd), { maxKeys: 3 }),
  clientScopes: fc.array(fc.record({ name: odd, protocolMappers: fc.array(anyMapper, { maxLength: 5 }) }), {
    maxLength: 4,
  }),
  clients: fc.oneof(
    fc.constant([]),
    fc.array(
      fc.record({ clientId: fc.constant('claimgate'), protocolMappers: fc.array(anyMapper, { maxLength: 5 }) }),
      { maxLength: 1 },
    ),
  ),
  components: anyProfile.map((profile) => ({
    'org.keycloak.userprofile.UserProfileProvider': [
      { config: { 'kc.user.profile.config': [JSON.stringify(profile)] } },
    ],
  })),
})

test('whatever names a realm has, its proposal is a tenant file without a mistake, and a client in JSON', (t) => {
  fc.assert(
    fc.property(anyRealm, (exported) => {
      const realm = readRealm(JSON.parse(JSON.stringify(exported)))
      if (!realm) return
      const { tenantFile, client, warnings } = proposeKeycloak(realm, wish)
      const wrong = mistakesOf(tenantFile)
      if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${tenantFile}`)
      JSON.parse(JSON.stringify(client))
      for (const warning of warnings) if (/[\n\r\u2028]/.test(warning)) throw new Error(warning)
    }),
    { numRuns: 500 },
  )
  t.pass()
})

test('no file, whatever JSON it holds, makes reading it fail', (t) => {
  const members = ['clients', 'clientScopes', 'groups', 'roles', 'components', 'localizationTexts', 'displayName']
  const file = fc.oneof(
    fc.jsonValue(),
    fc.record({ realm: fc.constant('acme'), ...Object.fromEntries(members.map((name) => [name, fc.jsonValue()])) }),
  )
  fc.assert(
    fc.property(file, (exported) => {
      const realm = readRealm(exported)
      if (realm) return mistakesOf(proposeKeycloak(realm, wish).tenantFile).length === 0
    }),
    { numRuns: 500 },
  )
  t.pass()
})

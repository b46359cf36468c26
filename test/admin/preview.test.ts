import test from 'ava'
import fc from 'fast-check'
import { draftClaims } from '../../src/administration/draft-claims.ts'
import { previewClaimMapping } from '../../src/administration/preview-claim-mapping.ts'
import { Claims } from '../../src/model/claim-mapping.ts'
import { ProtocolError } from '../../src/protocol/errors.ts'
import { applied, issuerOf, startAdmins, tenantFile } from '../support/admin.ts'
import { remember } from '../support/secrets.ts'

const admins = await startAdmins()
test.after.always(() => Promise.all(admins.map((admin) => admin.stop())))

const claims = {
  given_name: { from: ['id_token.given_name', 'userinfo.given_name'], mandatory: true },
  roles: { from: 'id_token.groups', match: '^/staff/(.+)$', list: 'sort', type: 'list(string)', disclosed: 'elements' },
  number: { from: 'userinfo.employe_number', mandatory: true },
  site: { from: 'id_token.site', default: 'Lund', disclosed: 'always' },
  level: { cel: 'id_token.level + 1', type: 'integer' },
  via: { from: 'session.identity_provider', by_provider: { idp: { const: 'us' } } },
}

const file = (tenant: string, more: object = {}) => {
  const written = tenantFile(tenant)
  const { staff, ...others } = written.issuers
  const { Badge } = staff.credential_configurations
  const configurations = { Badge: { ...Badge, claims: { given_name: claims.given_name } }, ...more }
  const issuers = { staff: { ...staff, credential_configurations: configurations }, ...others }
  return { ...written, api_clients: { boss: { role: 'administrator' }, portal: {} }, issuers }
}

const jwt = (payload: unknown, header: unknown = { alg: 'RS256' }) =>
  `${[header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.c2ln`

type Rule = { claim: string; [member: string]: unknown }
const path = (tenant: string, configuration = 'Badge') =>
  `/tenants/${tenant}/issuers/staff/credential-configurations/${configuration}/claim-mapping/preview`

for (const { name: on, services, call } of admins) {
  test(`a preview of a pasted ID token tells of every claim its value, where it is from and who may see it [${on}]`, async (t) => {
    const { key } = await applied(services, file('pasting'))
    const name = remember('Zoë-Preview-Byron', 'claim')
    const id_token = jwt({ given_name: '', groups: ['/staff/ops', '/x', '/staff/dev'], level: 1, acr: 'mfa' })
    const body = { id_token, userinfo: { given_name: name, employee_number: 'E-1' }, claims }
    const answer = await call('POST', path('pasting'), { key, body })
    t.is(answer.status, 200, answer.text)
    t.is(answer.headers.get('cache-control'), 'no-store')
    const { rules, ...rest } = answer.body
    t.like(rest, {
      from: 'request',
      verified: false,
      issuable: false,
      identity_provider: 'idp',
      claims: { given_name: name, roles: ['dev', 'ops'], site: 'Lund', level: 2, via: 'us' },
    })
    const [given, roles, number, site, level, via] = rules as Rule[]
    t.like(given, {
      ...{ claim: 'given_name', value: name, origin: 'userinfo.given_name', rule: 'from' },
      ...{ mandatory: true, disclosed: 'choice', type: 'string', is_default: false },
      tried: [
        { path: 'id_token.given_name', found: 'empty' },
        { path: 'userinfo.given_name', found: 'value' },
      ],
    })
    t.like(roles, {
      disclosed: 'elements',
      read: ['/staff/ops', '/x', '/staff/dev'],
      steps: [
        { name: 'match', result: ['ops', 'dev'] },
        { name: 'list', result: ['dev', 'ops'] },
      ],
    })
    t.like(number, {
      value: undefined,
      problem: { kind: 'missing' },
      suggestion: 'userinfo.employe_number is not there. Did you mean userinfo.employee_number?',
    })
    t.like(site, { origin: 'default', is_default: true, disclosed: 'always', value: 'Lund' })
    t.like(level, { rule: 'cel', expression: 'id_token.level + 1', origin: 'cel', value: 2 })
    t.like(via, { is_override: true, value: 'us' })
    t.deepEqual(
      (rest.sources as { source: string; names: string[] }[]).find(({ source }) => source === 'id_token')?.names,
      ['id_token.given_name', 'id_token.groups', 'id_token.level', 'id_token.acr'],
    )
  })

  test(`a preview takes the saved rules where no others are sent, and stores and changes nothing [${on}]`, async (t) => {
    const { key } = await applied(services, file('saved'))
    const { tenantId } = await issuerOf(services, 'saved', 'staff')
    /** All that this tenant has where something of a person could be, and the version of its configuration. */
    const stored = async () => [
      await services.tables.tenants.version(tenantId),
      ...(await Promise.all(
        ['sign_ins', 'sessions', 'grants', 'events', 'claim_names', 'offers'].map((table) =>
          services.database.db(table).where({ tenant_id: tenantId }),
        ),
      )),
    ]
    const before = await stored()
    const { status, body } = await call('POST', path('saved'), { key, body: { id_token: { given_name: 'Ada' } } })
    t.is(status, 200)
    t.like(body, { issuable: true, claims: { given_name: 'Ada' } })
    t.is((body.rules as Rule[]).length, 1)
    t.deepEqual(await stored(), before)
  })

  test(`rules that are not saved are checked as if they were: every mistake with its pointer and position [${on}]`, async (t) => {
    const { key } = await applied(services, file('unsaved'))
    const wrong = {
      iss: { const: 'x' },
      a: { cel: 'id_tokn.a' },
      b: { from: 'id_token.b', by_provider: { nobody: { const: 'x' } } },
      c: { from: 'user.name' },
    }
    const { status, body } = await call('POST', path('unsaved'), { key, body: { claims: wrong } })
    t.is(status, 422)
    const errors = body.errors as { pointer: string; detail: string }[]
    t.deepEqual(errors.map(({ pointer }) => pointer).toSorted(), [
      '/claims/a/cel',
      '/claims/b/by_provider/nobody',
      '/claims/iss',
    ])
    t.regex(errors.find(({ pointer }) => pointer === '/claims/a/cel')?.detail ?? '', /\(line 1, column 1\)/)
    const directory = await call('POST', path('unsaved'), { key, body: { claims: { c: wrong.c } } })
    t.regex(JSON.stringify(directory.body.errors), /\/claims\/c\/from.*providers of kind oidc have no directory/)
    const shape = await call('POST', path('unsaved'), { key, body: { claims: { a: { form: 'id_token.a' } } } })
    t.regex(JSON.stringify(shape.body.errors), /"\/claims\/a\/form".*Did you mean from\?/)
  })

  test(`what cannot be previewed is said with what to do instead [${on}]`, async (t) => {
    const { key } = await applied(services, file('refusing'))
    const refused = async (body: object, at = path('refusing')) => {
      const answer = await call('POST', at, { key, body })
      return [answer.status, ...((answer.body.errors as { pointer: string; detail: string }[]) ?? [])] as const
    }
    t.like(await refused({ id_token: 'a.b.c' }), [422, { pointer: '/id_token' }])
    t.like(await refused({ identity_provider: 'nobody' }), [
      422,
      { pointer: '/identity_provider', detail: 'The issuer does not let nobody sign people in; there is idp.' },
    ])
    t.like(await refused({ user: 'alice' }), [
      422,
      {
        pointer: '/identity_provider',
        detail: 'idp cannot tell of a person without a sign-in; make a test sign-in there.',
      },
    ])
    t.like(await refused({ user: 'alice', id_token: {} }), [422, { pointer: '/id_token' }])
    t.like(await refused({ idtoken: {} }), [422, { pointer: '/idtoken' }])
    t.is((await refused({}, path('refusing', 'Nothing')))[0], 404)
  })

  test(`a name that other people of the provider had is suggested, where this person has none like it [${on}]`, async (t) => {
    const { key } = await applied(services, file('others'))
    const { tenantId } = await issuerOf(services, 'others', 'staff')
    await services.tables.claimNames.note(tenantId, 'idp', ['id_token.department', 'id_token.title'], new Date())
    const rules = { a: { from: 'id_token.departement' }, b: { from: 'id_token.title' }, c: { from: 'userinfo.titel' } }
    const { body } = await call('POST', path('others'), { key, body: { id_token: { sub: 'x' }, claims: rules } })
    t.deepEqual(
      (body.rules as Rule[]).map(({ suggestion }) => suggestion),
      ['id_token.departement is not there. Did you mean id_token.department?', undefined, undefined],
    )
  })

  test(`only an administrator of the tenant previews [${on}]`, async (t) => {
    const { apiKeys } = await applied(services, file('mine'))
    const other = await applied(services, file('theirs'))
    const portal = apiKeys.find(({ id }) => id === 'portal')?.key ?? ''
    t.is((await call('POST', path('mine'), { key: portal, body: {} })).status, 403)
    t.is((await call('POST', path('mine'), { key: other.key, body: {} })).status, 401)
    t.is((await call('POST', path('mine'), { body: {} })).status, 401)
  })
}

const [{ services, call }] = admins as [(typeof admins)[number]]

test('no pasted token, whatever it is, is an error of ours', async (t) => {
  const { key } = await applied(services, file('hostile'))
  const part = fc.oneof(
    fc.string(),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString('base64url')),
  )
  const token = fc.oneof(
    fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('.')),
    fc.jsonValue().map((value) => jwt(value)),
    fc.constant(jwt(JSON.parse('{"__proto__":{"given_name":"x"},"constructor":1}'))),
    fc.jsonValue(),
    fc.dictionary(fc.string(), fc.jsonValue()),
  )
  await fc.assert(
    fc.asyncProperty(token, async (id_token) => {
      const { status } = await call('POST', path('hostile'), { key, body: { id_token, claims } })
      return status === 200 || status === 422 || status === 400
    }),
    { numRuns: 25 },
  )
  t.pass()
})

const pointersOf = (draft: () => unknown): (string | undefined)[] => {
  try {
    draft()
    return []
  } catch (error) {
    return error instanceof ProtocolError ? error.mistakes.map(({ pointer }) => pointer) : [String(error)]
  }
}

test('rules that are not saved are taken for every format, and for the hash of the type', async (t) => {
  const given = { claims: { given_name: claims.given_name } }
  const mdoc = { format: 'mso_mdoc', doctype: 'com.example.badge.1', namespace: 'com.example.badge.1', ...given }
  const hashed = { format: 'dc+sd-jwt', type_integrity: true, ...given }
  const more = { mdoc, w3c: { format: 'jwt_vc_json', ...given }, hashed }
  await applied(services, file('formats', more))
  const issuer = await issuerOf(services, 'formats', 'staff')
  const rules = Claims.parse({ family_name: { from: 'id_token.family_name' } })
  for (const id of Object.keys(more))
    t.deepEqual(
      pointersOf(() => draftClaims(issuer, id, rules)),
      [],
      id,
    )
  const elements = Claims.parse({ roles: { from: 'id_token.roles', disclosed: 'elements', type: 'list(string)' } })
  t.deepEqual(
    pointersOf(() => draftClaims(issuer, 'mdoc', elements)),
    ['/claims/roles'],
  )
})

test('rules that are not saved are refused where a renewal would lose the claim, as they are when they are saved', async (t) => {
  const { issuers, ...written } = file('renewing')
  const login = { kind: 'keycloak', url: 'https://login.example', realm: 'a', client_id: 'c', admin_api: true }
  const staff = {
    ...issuers.staff,
    grants: { authorization_code: { identity_providers: ['login'] } },
    refresh_tokens: { claims: 'directory' },
    credential_configurations: { Badge: { format: 'dc+sd-jwt', claims: { name: { from: 'user.username' } } } },
  }
  await applied(services, { ...written, identity_providers: { login }, issuers: { staff } })
  const issuer = await issuerOf(services, 'renewing', 'staff')
  const rules = Claims.parse({ name: { from: 'id_token.name' } })
  t.deepEqual(
    pointersOf(() => draftClaims(issuer, 'Badge', rules)),
    ['/claims/name/from'],
  )
})

test('a rule that takes too long is stopped, named, and holds up nobody else', async (t) => {
  await applied(services, file('slow'))
  const id_token = { l: Array.from({ length: 256 }, (_, index) => `${'a'.repeat(200)}${index}`) }
  const cel = 'id_token.l.exists(x, id_token.l.exists(y, x + y == "z"))'
  const issuer = await issuerOf(services, 'slow', 'staff')
  // So many that no machine is through with them before it is stopped.
  const slow = Array.from({ length: 200 }, (_, index) => [`slow${index}`, { cel, type: 'boolean' }])
  const rules = Claims.parse({ quick: { const: 'x' }, ...Object.fromEntries(slow) })
  const draft = draftClaims(issuer, 'Badge', rules)
  let ticks = 0
  const ticking = setInterval(() => ticks++, 5)
  const sources = { id_token, session: {} }
  const error = await t.throwsAsync<ProtocolError>(
    previewClaimMapping(services, draft.issuer, draft.configuration, sources, 50),
    { instanceOf: ProtocolError },
  )
  clearInterval(ticking)
  t.is(error?.code, 'unprocessable')
  t.regex(String(error?.mistakes[0]?.pointer), /^\/claims\/slow\d+$/)
  t.true(ticks > 10, 'the node went on meanwhile')
})

test.serial('previews wait for their turn, and are refused for now only where too many wait', async (t) => {
  const { key } = await applied(services, file('crowded'))
  const body = { id_token: { given_name: 'Ada' } }
  const answers = await Promise.all(Array.from({ length: 20 }, () => call('POST', path('crowded'), { key, body })))
  const refused = answers.filter(({ status }) => status === 503)
  t.is(answers.length - refused.length, answers.filter(({ status }) => status === 200).length)
  t.true(refused.length > 0 && refused.length <= 8)
  t.truthy(refused[0]?.headers.get('retry-after'))
  t.is((await call('POST', path('crowded'), { key, body })).status, 200)
})

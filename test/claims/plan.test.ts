import test from 'ava'
import { evaluatePlan } from '../../src/claims/evaluate.ts'
import { testMistakes } from '../../src/claims/mapping-tests.ts'
import { claimsMetadata, compilePlan, withheldPaths } from '../../src/claims/plan.ts'
import { configurationOf, mistakesIn, now, planOf } from './support.ts'

const oneMistake = (claims: Record<string, unknown>) => {
  const [mistake, ...more] = mistakesIn(claims)
  if (!mistake || more.length > 0) throw new Error(`Expected one mistake: ${JSON.stringify([mistake, ...more])}`)
  return mistake
}

test('Claim mapping: a path that begins with an unknown source is refused before it is saved', (t) => {
  t.deepEqual(
    mistakesIn({ a: { from: ['id_token.a', 'idtoken.a'] }, b: { from: 'person.name' }, c: { from: 'now.c' } }),
    [
      {
        pointer: '/claims/a/from/1',
        detail: 'A path begins with id_token, userinfo, user, offer, source or session. Did you mean id_token.a?',
        column: 1,
      },
      {
        pointer: '/claims/b/from',
        detail: 'A path begins with id_token, userinfo, user, offer, source or session.',
        column: 1,
      },
      {
        pointer: '/claims/c/from',
        detail: 'A path begins with id_token, userinfo, user, offer, source or session.',
        column: 1,
      },
    ],
  )
})

test('Claim mapping: a mistake in a path is told with its place', (t) => {
  t.like(oneMistake({ a: { from: 'id_token' } }), { column: 8 })
  t.like(oneMistake({ a: { from: 'id_token.a..b' } }), { column: 11 })
  t.like(oneMistake({ a: { from: 'id_token.a[x]' } }), { column: 11 })
  t.like(oneMistake({ a: { from: 'session.idp' } }), {
    column: 8,
    detail: 'session has identity_provider, acr, amr, auth_time only.',
  })
})

test('Claim mapping: a mistake in an expression is told with line and column', (t) => {
  const mistakes = {
    'id_token.a +': [13, /line 1, column 13/],
    'id_token.a == \n useinfo.b': [17, /Unknown variable: useinfo \(line 2, column 2\)/],
    'upper(id_token.a)': [1, /There is no function upper here/],
    'id_token.a.shout()': [1, /There is no function shout here/],
    '1 + "a"': [1, /no such overload/],
    'session.idp': [9, /No such key: idp/],
  } as const
  for (const [cel, [column, detail]] of Object.entries(mistakes)) {
    const mistake = oneMistake({ a: { cel } })
    t.is(mistake.column, column, cel)
    t.is(mistake.pointer, '/claims/a/cel')
    t.regex(mistake.detail, detail)
  }
})

test('Claim mapping: an expression whose result cannot become the declared type is refused', (t) => {
  const wrong = [
    ['true', 'string'],
    ['[id_token.a]', 'string'],
    ['"1"', 'integer'],
    ['1.5', 'integer'],
    ['"true"', 'boolean'],
    ['now', 'date'],
    ['now - now', 'string'],
    ['id_token', 'list(object)'],
    ['["a"]', 'list(integer)'],
    ['optional.of(1)', 'string'],
    ['null', 'string'],
  ] as const
  for (const [cel, type] of wrong) t.regex(oneMistake({ a: { cel, type } }).detail, /The result is of type/, cel)
  const right = [
    ['id_token.a', 'boolean'],
    ['id_token.?a', 'list(string)'],
    ['optional.of("a")', 'string'],
    ['string(now)', 'string'],
    ['date(now)', 'date'],
    ['{"a": id_token.a}', 'object'],
    ['id_token.a.filter(x, x != "b")', 'list(object)'],
    ['[]', 'list(string)'],
    ['1', 'number'],
  ] as const
  for (const [cel, type] of right) t.deepEqual(mistakesIn({ a: { cel, type } }), [], cel)
})

test('Claim mapping: loops nest at most twice', (t) => {
  const nested = (depth: number): string => (depth === 0 ? 'true' : `id_token.l.all(x${depth}, ${nested(depth - 1)})`)
  t.deepEqual(mistakesIn({ a: { cel: nested(2), type: 'boolean' } }), [])
  t.regex(oneMistake({ a: { cel: nested(3), type: 'boolean' } }).detail, /Loops nest at most twice/)
  const flat = 'id_token.l.map(x, x + "a").map(x, x + "b").filter(x, x != "c").map(x, x)'
  t.deepEqual(mistakesIn({ a: { cel: flat, type: 'list(string)' } }), [])
  const double = 'id_token.l.filter(x, offer.l.exists(y, x.name == y.name && y.active))'
  t.deepEqual(mistakesIn({ a: { cel: double, type: 'list(object)' } }), [])
})

test('Claim mapping: an expression that could grow or run without measure is refused', (t) => {
  const again = (step: string, times: number) => `[id_token.a]${`.map(x, ${step})`.repeat(times)}`
  const hungry = [
    again('x + x', 20),
    again('[x, x]', 25),
    again('id_token.l.map(y, x)', 5),
    `cel.bind(b, offer.l + offer.l + offer.l + offer.l, b.exists(x, b.exists(y, x in b)))`,
    'duration(id_token.a)',
    `duration("${'1'.repeat(2000)}s")`,
    'bytes(id_token.a).hex()',
  ]
  for (const cel of hungry) t.is(mistakesIn({ a: { cel, type: 'list(object)' } }).length, 1, cel)
  const spelled = Array.from({ length: 20 }, (_, index) => `userinfo.a${index}`).join(' + ", " + ')
  t.deepEqual(mistakesIn({ a: { cel: spelled } }), [], 'twenty claims in one text are no danger')
})

test('Claim mapping: every function of ours has its cost, in loops and in rows', (t) => {
  const calls = [
    'y.extract("a")',
    'parseDate(y, "iso")',
    'y.parts(",")',
    'years(y, now)',
    'parseNumber(y, "decimal-point")',
  ]
  const more = ['formatDate(now, "HH:mm")', 'date(now)', 'x.sort()', 'x.distinct()']
  for (const call of [...calls, ...more]) {
    const nested = `id_token.l.map(x, offer.l.map(y, ${call}))`
    t.regex(
      mistakesIn({ a: { cel: nested, type: 'list(object)' } })[0]?.detail ?? '',
      /too large or take too long/,
      call,
    )
    const once = `id_token.l.map(y, ${call.replace('x.', 'y.')})`
    t.deepEqual(mistakesIn({ a: { cel: `dyn(${once})`, type: 'list(object)' } }), [], call)
  }
})

test('Claim mapping: a pattern stands in the expression and is one of RE2', (t) => {
  t.regex(oneMistake({ a: { cel: 'id_token.a.matches(id_token.b)', type: 'boolean' } }).detail, /pattern of matches/)
  const mistake = oneMistake({ a: { cel: 'id_token.a.matches("(?=x)")', type: 'boolean' } })
  t.like(mistake, { column: 20, detail: 'This is no regular expression of RE2 (line 1, column 20).' })
  const spelled = {
    'id_token.a.extract(id_token.b)': /The pattern of extract/,
    'id_token.a.extract("(a{30}){30}")': /too large/,
    'date(parseDate(id_token.a, id_token.b))': /The form of parseDate/,
    'date(parseDate(id_token.a, "dd.MM.yy"))': /A form of dates/,
    'formatDate(now, "MMM")': /A date is written with/,
    'string(parseNumber(id_token.a, "comma"))': /decimal-point or decimal-comma/,
  }
  for (const [cel, detail] of Object.entries(spelled)) t.regex(oneMistake({ a: { cel } }).detail, detail, cel)
})

test('Claim mapping: claims that only the issuer sets, and the marks of SD-JWT, are refused', (t) => {
  for (const name of ['cnf', 'status.x', '_sd', 'address._sd', 'a.__proto__.b'])
    t.is(mistakesIn({ [name]: { const: 'x' } }).length, 1, name)
  t.is(mistakesIn({ proto: { path: ['__proto__'], const: 'x' } })[0]?.pointer, '/claims/proto/path')
  t.is(mistakesIn({ list: { path: ['a', '...'], const: 'x' } })[0]?.pointer, '/claims/list/path')
  t.deepEqual(mistakesIn({ 'a.cnf': { const: 'x' }, constructor: { const: 'x' } }), [])
})

test('Claim mapping: a claim is made once, and is either a value or holds others', (t) => {
  t.like(oneMistake({ 'a.b': { const: 'x' }, other: { path: ['a', 'b'], const: 'x' } }), {
    pointer: '/claims/other/path',
    detail: 'Another rule makes the same claim.',
  })
  t.like(oneMistake({ a: { const: 'x' }, 'a.b': { const: 'x' } }), { pointer: '/claims/a.b' })
  t.like(oneMistake({ 'a.b': { const: 'x' }, a: { const: 'x' } }), { pointer: '/claims/a' })
  t.deepEqual(mistakesIn({ 'a.b': { const: 'x' }, 'a.c': { const: 'x' }, ab: { const: 'x' } }), [])
})

test('Claim mapping: an override may only name an identity provider of the issuer', (t) => {
  const claims = { a: { from: 'id_token.a', by_provider: { keycloak: { from: 'id.a' }, entra: { cel: '1' } } } }
  const pointers = mistakesIn(claims, { identityProviders: ['keycloak'] }).map(({ pointer }) => pointer)
  const inside = '/claims/a/by_provider'
  t.deepEqual(pointers, [`${inside}/keycloak/from`, `${inside}/entra`, `${inside}/entra/cel`])
})

test('Claim mapping: a constant is of the declared type and not empty', (t) => {
  t.like(oneMistake({ a: { const: 42 } }), {
    pointer: '/claims/a/const',
    detail: 'The claim is declared as string; the constant is not a string.',
  })
  for (const [value, type] of [
    ['42', 'integer'],
    ['SE', 'list(string)'],
    ['2026-02-30', 'date'],
    ['', 'string'],
  ])
    t.is(mistakesIn({ a: { const: value, type } }).length, 1)
  t.deepEqual(
    mistakesIn({ a: { const: { b: [1, null] }, type: 'object' }, d: { const: '2024-02-29', type: 'date' } }),
    [],
  )
})

test('Claim mapping: all mistakes are told at once, with pointers that keep slashes apart', (t) => {
  const mistakes = mistakesIn({ 'a/b': { from: 'x.y' }, c: { cel: 'd' }, e: { const: 1 } })
  t.deepEqual(
    mistakes.map(({ pointer }) => pointer),
    ['/claims/a~1b/from', '/claims/c/cel', '/claims/e/const'],
  )
})

test('VCI-106: the metadata describes every claim in the order of the rules, with path, mandatory and display', (t) => {
  const display = [{ name: 'Country', locale: 'en' }]
  const configuration = configurationOf({
    'address.country': { const: 'SE', mandatory: true, display },
    given_name: { from: 'id_token.given_name', disclosed: 'always' },
    nested: { path: ['a.b', 'c'], const: 'x' },
  })
  t.deepEqual(claimsMetadata(configuration), [
    { path: ['address', 'country'], mandatory: true, display },
    { path: ['given_name'] },
    { path: ['a.b', 'c'] },
  ])
  t.deepEqual(
    claimsMetadata({ ...configuration, format: 'jwt_vc_json' }).map(({ path }) => path[0]),
    ['credentialSubject', 'credentialSubject', 'credentialSubject'],
    'a pointer into a W3C credential begins outside of its subject',
  )
  const claims = { given_name: { from: 'offer.a', mandatory: true, when: 'has(offer.b)' }, 'org.x.2/b': { const: 'b' } }
  t.deepEqual(
    claimsMetadata(configurationOf(claims, { format: 'mso_mdoc', namespace: 'org.x.1' })),
    [{ path: ['org.x.1', 'given_name'] }, { path: ['org.x.2', 'b'] }],
    'a key without a namespace has that of the configuration; what only some have is promised to nobody',
  )
  t.deepEqual(withheldPaths(configuration), [
    ['address', 'country'],
    ['a.b', 'c'],
  ])
})

test("Claim mapping: a configuration's own tests say which claim came out otherwise", (t) => {
  const claims = {
    'address.country': { from: 'offer.country' },
    roles: { cel: 'id_token.roles.filter(r, r.startsWith("staff-"))', type: 'list(string)' },
    name: { from: 'userinfo.name', mandatory: true },
  }
  const given = { id_token: { roles: ['staff-dev', 'other'] }, offer: { country: 'SE' }, userinfo: { name: 'Ada' } }
  const run = (tests: unknown[]) => testMistakes(configurationOf(claims, { tests }), planOf(claims), now)
  t.deepEqual(run([{ given, expect: { 'address.country': 'SE', roles: ['staff-dev'] } }]), [])
  t.deepEqual(run([{ given: {}, expect: { roles: null, name: null } }]), [])
  const wrong = [
    { given, expect: { roles: ['other'], role: [] } },
    { given: { id_token: { roles: 'none' } }, expect: { roles: [], name: 'Ada' } },
    { given: { users: {}, offer: [] }, expect: {} },
  ]
  t.deepEqual(
    run(wrong).map(({ pointer }) => pointer),
    [
      '/tests/0/expect/roles',
      '/tests/0/expect/role',
      '/tests/1/expect/roles',
      '/tests/1/expect/name',
      '/tests/2/given/users',
      '/tests/2/given/offer',
    ],
  )
})

test('Claim mapping: what is right compiles', (t) => {
  t.true('plan' in compilePlan(configurationOf({ a: { from: 'id_token.a' } }), { reservedClaims: [] }))
})

test('Claim mapping: one set of claims serves three formats, each by its own names', (t) => {
  const claims = {
    given_name: { from: 'offer.given_name' },
    hired_on: { from: 'offer.hired', parse: 'iso', type: 'date' },
  }
  const sources = { offer: { given_name: 'Ada', hired: '2020-09-01T23:30:00Z' }, session: {} }
  const made = (rest: Record<string, unknown>) => {
    const compiled = compilePlan(configurationOf(claims, rest), { reservedClaims: [], timeZone: 'Europe/Stockholm' })
    return 'plan' in compiled && evaluatePlan(compiled.plan, sources, now).claims
  }
  const badge = { given_name: 'Ada', hired_on: '2020-09-02' }
  t.deepEqual(made({ format: 'dc+sd-jwt' }), badge)
  t.deepEqual(made({ format: 'jwt_vc_json' }), badge)
  t.deepEqual(made({ format: 'mso_mdoc', namespace: 'org.x.1' }), { 'org.x.1': badge })
})

test('Claim mapping: a condition may read only claim sources that there are', (t) => {
  const claims = { a: { from: 'offer.a', when: 'source.hr.active' } }
  t.deepEqual(mistakesIn(claims, { claimSources: ['hr'] }), [])
  t.is(mistakesIn(claims, { claimSources: [] })[0]?.pointer, '/claims/a/when')
})

import test from 'ava'
import { evaluatePlan } from '../../src/claims/evaluate.ts'
import type { ClaimType } from '../../src/model/claim-mapping.ts'
import { CredentialConfiguration } from '../../src/model/credential-configuration.ts'
import { mistakesOf } from '../../src/protocol/mistakes.ts'
import { mistakesIn, now, planOf } from './support.ts'

type Rule = Record<string, unknown>
const evaluate = (rule: Rule, a: unknown, timeZone = 'UTC') =>
  evaluatePlan(planOf({ a: { from: 'id_token.a', ...rule } }, { timeZone }), { id_token: { a }, session: {} }, now)
const claim = (rule: Rule, a: unknown, timeZone?: string) => evaluate(rule, a, timeZone).claims.a

test('Claim mapping: split, match and table work on a text and on every item of a list, and leave out what they do not know', (t) => {
  const cases: [rule: Rule, value: unknown, claim: unknown][] = [
    [{ split: ',', type: 'list(string)' }, 'dev, ops ,, sec', ['dev', 'ops', 'sec']],
    [{ split: ',', type: 'list(string)' }, ['dev,ops', 'sec'], ['dev', 'ops', 'sec']],
    [{ match: '^/staff/(.+)$', type: 'list(string)' }, ['/staff/dev', '/other', null, '/staff/ops'], ['dev', 'ops']],
    [{ match: '^/staff/(.+)$' }, ['/staff/dev'], 'dev'],
    [{ match: '^/staff/(.+)$' }, '/other', undefined],
    [{ match: '[0-9]+' }, 'E-42-7', '42'],
    [{ table: { dev: 'Engineer', ops: 'Operations' } }, 'dev', 'Engineer'],
    [{ table: { dev: 'Engineer' } }, 'constructor', undefined],
    [{ table: { dev: 'Engineer' }, otherwise: 'Staff' }, 'x', 'Staff'],
    [{ table: { 1: 'one', true: 'yes' }, type: 'list(string)' }, [1, true, 'x'], ['one', 'yes']],
    [{ table: { a: true, b: false }, type: 'boolean' }, 'b', false],
    [{ split: ';', match: '^r-(.*)', table: { x: 'X', y: 'Y' }, join: '/' }, 'r-y; q; r-x', 'Y/X'],
    [{ list: ['distinct', 'sort'], type: 'list(string)' }, ['b', 'a', 'b'], ['a', 'b']],
    [{ list: 'sort', type: 'list(integer)' }, [10, 9, 1], [1, 9, 10]],
    [{ list: 'first' }, ['', 'b', 'c'], 'b'],
    [{ list: 'last' }, 'b', 'b'],
    [{ join: ', ' }, ['a', 1, true], 'a, 1, true'],
  ]
  for (const [rule, value, wanted] of cases) t.deepEqual(claim(rule, value), wanted, JSON.stringify([rule, value]))
})

test('Claim mapping: dates are read in the forms that directories write, and become what the type wants', (t) => {
  const cases: [parse: string, value: unknown, date: string, tdate: string][] = [
    ['iso', '1985-12-10', '1985-12-10', '1985-12-09T23:00:00Z'],
    ['iso', '2024-06-30T23:30:00Z', '2024-07-01', '2024-06-30T23:30:00Z'],
    ['iso', '2024-06-30 23:30', '2024-06-30', '2024-06-30T21:30:00Z'],
    ['iso', '2024-06-30T23:30:15.25+05:30', '2024-06-30', '2024-06-30T18:00:15Z'],
    ['dd.MM.yyyy', '29.02.2024', '2024-02-29', '2024-02-28T23:00:00Z'],
    ['d/M/yyyy', '9/2/2024', '2024-02-09', '2024-02-08T23:00:00Z'],
    ['yyyyMMdd', '20240209', '2024-02-09', '2024-02-08T23:00:00Z'],
    ['M/d/yyyy H:mm', '7/1/2024 0:30', '2024-07-01', '2024-06-30T22:30:00Z'],
    ['epoch', 1_719_790_200, '2024-07-01', '2024-06-30T23:30:00Z'],
    ['epoch', '1719790200', '2024-07-01', '2024-06-30T23:30:00Z'],
    ['epoch-ms', 1_719_790_200_000, '2024-07-01', '2024-06-30T23:30:00Z'],
    ['ldap', '20240630233000.0Z', '2024-07-01', '2024-06-30T23:30:00Z'],
    ['ldap', '202406302330-0100', '2024-07-01', '2024-07-01T00:30:00Z'],
  ]
  for (const [parse, value, date, tdate] of cases) {
    const seconds = Date.parse(tdate) / 1000
    const as = (type: ClaimType, rest: Rule = {}) => claim({ parse, type, ...rest }, value, 'Europe/Stockholm')
    t.deepEqual(
      [as('date'), as('full-date'), as('tdate'), as('integer')],
      [date, date, tdate, seconds],
      `${parse} ${value}`,
    )
    const [year, month, day] = date.split('-').map(Number)
    t.is(as('string', { format: 'd.M.yyyy' }), `${day}.${month}.${year}`)
  }
  t.is(claim({ parse: ['iso', 'dd.MM.yyyy'], type: 'date' }, '10.12.1985'), '1985-12-10')
  t.is(claim({ parse: 'epoch', format: 'yyyy-MM-dd HH:mm:ss' }, 0, 'Asia/Kathmandu'), '1970-01-01 05:30:00')
  t.is(claim({ parse: 'dd.MM.yyyy' }, '10.12.1985'), '1985-12-10')
})

test('Claim mapping: a clock that is put forward or back still tells one moment', (t) => {
  const at = (value: string) => claim({ parse: 'iso', type: 'tdate' }, value, 'Europe/Stockholm')
  t.is(at('2026-10-25T02:30:00'), '2026-10-25T00:30:00Z', 'twice on the wall: the first')
  t.is(at('2026-03-29T02:30:00'), '2026-03-29T01:30:00Z', 'never on the wall')
  t.is(at('2026-03-29T03:00:00'), '2026-03-29T01:00:00Z')
})

test('Claim mapping: what is no date, number or truth value of the form is of no use, and is not in the report', (t) => {
  const cases: [rule: Rule, values: unknown[]][] = [
    [
      { parse: 'iso', type: 'date' },
      ['2026-02-30', '2026-1-1', '10.12.1985', '2026-01-01T25:00', '0000-01-01', {}, true],
    ],
    [{ parse: 'dd.MM.yyyy', type: 'date' }, ['1.2.2026', '31.04.2026', '01.02.26', '01.02.20266', 20_260_102]],
    [{ parse: 'epoch', type: 'date' }, ['soon', 1e15, '', '1e3'].slice(0, 2)],
    [{ parse: 'ldap', type: 'date' }, ['20240630', '20240630233000', '20241330233000Z']],
    [{ parse: 'decimal-comma', type: 'number' }, ['1,234.5', '1.2345,6', '12.34.567', 'x', '1.234.56']],
    [{ parse: 'decimal-point', type: 'number' }, ['1.234,5', '1,23', '--1', '0x10']],
    [{ parse: 'boolean', type: 'boolean' }, ['perhaps', 2, 'constructor', {}]],
    [{ match: 'x' }, [{}, 'x'.repeat(5000)]],
    [{ split: ',', type: 'list(string)' }, ['a,'.repeat(2000), Array(257).fill('x')]],
    [{ list: 'distinct', type: 'list(object)' }, [[{ a: 1 }]]],
    [{ list: 'sort', type: 'list(string)' }, [['a', 1]]],
    [{ join: 'x' }, [Array(200).fill('long enough to be too long for a claim')]],
  ]
  for (const [rule, values] of cases)
    for (const value of values) {
      const { claims, unusable } = evaluate(rule, value)
      const written = JSON.stringify([rule, value]).slice(0, 80)
      t.deepEqual([claims, unusable.length], [{}, 1], written)
      t.true(Object.keys(rule).includes(unusable[0]!.step!), written)
      t.false(unusable[0]!.expected.includes(String(value)), written)
    }
})

test('Claim mapping: numbers are read with the signs of their language, truth values by the words for them', (t) => {
  const number = (parse: string, value: unknown) => claim({ parse, type: 'number' }, value)
  t.is(number('decimal-comma', '1.234.567,5'), 1_234_567.5)
  t.is(number('decimal-comma', '1 234,5'), 1234.5)
  t.is(number('decimal-comma', "1'234,5"), 1234.5)
  t.is(number('decimal-comma', '1234'), 1234)
  t.is(number('decimal-point', '-1,234.5'), -1234.5)
  t.is(number('decimal-point', 1.5), 1.5)
  t.deepEqual(claim({ parse: 'decimal-comma', type: 'list(number)' }, ['1,5', '2']), [1.5, 2])
  for (const word of ['true', 'Yes', ' on ', '1', 1, true, ['y']])
    t.true(claim({ parse: 'boolean', type: 'boolean' }, word))
  for (const word of ['false', 'NO', 'off', '0', 0, false]) t.false(claim({ parse: 'boolean', type: 'boolean' }, word))
})

const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.alloc(5000, 0xfb)])
const png = Buffer.from('89504e470d0a1a0a0000000d', 'hex')
const jp2 = Buffer.from('0000000c6a5020200d0a870a00000014', 'hex')

test('Claim mapping: an image is known by its first bytes and becomes a data URI of its true type', (t) => {
  const rule = { image: {} }
  const uri = (type: string, bytes: Buffer) => `data:${type};base64,${bytes.toString('base64')}`
  t.is(claim(rule, jpeg.toString('base64')), uri('image/jpeg', jpeg))
  t.is(claim(rule, jpeg.toString('base64url')), uri('image/jpeg', jpeg))
  t.is(claim(rule, uri('image/gif', jpeg)), uri('image/jpeg', jpeg))
  t.is(claim(rule, jpeg.toString('base64').replaceAll(/.{76}/g, '$&\r\n')), uri('image/jpeg', jpeg))
  t.is(claim(rule, png.toString('base64')), uri('image/png', png))
  t.is(claim(rule, jp2.toString('base64')), uri('image/jp2', jp2))
  t.is(claim({ ...rule, type: 'bytes' }, [jp2.toString('base64')]), uri('image/jp2', jp2))
  const throughCel = { cel: 'id_token.a', image: {} }
  const plan = planOf({ a: throughCel })
  const { claims } = evaluatePlan(plan, { id_token: { a: jpeg.toString('base64') }, session: {} }, now)
  t.is(claims.a, uri('image/jpeg', jpeg), 'a bare portrait passes through an expression')
  const refused: [rule: Rule, value: unknown][] = [
    [{ image: { types: ['jpeg', 'jpeg2000'] } }, png.toString('base64')],
    [{ image: { max_bytes: 4000 } }, jpeg.toString('base64')],
    [rule, 'https://acme.example/ada.jpg'],
    [rule, Buffer.from('<svg/>').toString('base64')],
    [rule, 7],
  ]
  for (const [one, value] of refused) t.is(evaluate(one, value).unusable[0]?.step, 'image')
})

test('Claim mapping: a condition leaves a claim out, a default stands in for nothing but not for what is wrong', (t) => {
  const sources = (id_token: Rule) => ({ id_token, session: {} })
  const plan = planOf({
    licence: { from: 'id_token.licence', when: 'id_token.kind == "doctor"', mandatory: true },
    kind: { from: 'id_token.kind', default: 'staff' },
    since: { from: 'id_token.since', parse: 'iso', type: 'date', default: '2000-01-01' },
    odd: { const: 'x', when: 'id_token.odd' },
  })
  t.like(evaluatePlan(plan, sources({}), now), {
    claims: { kind: 'staff', since: '2000-01-01' },
    missing: [],
    origins: { kind: 'default' },
  })
  const doctor = evaluatePlan(plan, sources({ kind: 'doctor', since: 'yesterday', odd: 'x' }), now)
  t.deepEqual(doctor.missing, ['licence'])
  t.deepEqual(doctor.unusable, [{ claim: 'since', expected: 'a date as iso', step: 'parse' }])
  t.deepEqual(doctor.claims, { kind: 'doctor' }, 'what is no truth value is not true')
})

test('Claim mapping: an override shares the steps of its rule, unless it has its own', (t) => {
  const plan = planOf({
    a: {
      from: 'id_token.a',
      match: '^a-(.*)',
      by_provider: {
        entra: { from: 'id_token.b' },
        okta: { from: 'id_token.c', split: '+', list: 'last' },
        ad: { const: 'a-z' },
      },
    },
  })
  const by = (identity_provider: string) =>
    evaluatePlan(plan, { id_token: { a: 'a-1', b: 'a-2', c: 'a-3+a-4' }, session: { identity_provider } }, now).claims.a
  t.deepEqual(['keycloak', 'entra', 'okta', 'ad'].map(by), ['1', '2', 'a-4', 'a-z'])
})

test('Claim mapping: a step that is wrong, or cannot come to the type of the claim, is refused before it is saved', (t) => {
  const wrong: [rule: Rule, pointer: string, detail: RegExp][] = [
    [{ match: '(?=x)' }, '/match', /no regular expression/],
    [{ match: '(a{30}){30}' }, '/match', /too large/],
    [{ match: 'x', type: 'boolean' }, '/match', /comes to texts; the claim is declared as boolean/],
    [{ split: ',', type: 'list(object)' }, '/split', /texts/],
    [{ table: { a: true } }, '/table/a', /declared as string; this is not a string/],
    [{ table: { a: 'x' }, otherwise: true }, '/otherwise', /not a string/],
    [{ otherwise: 'x' }, '/otherwise', /no table/],
    [{ parse: 'dd.MM.yy' }, '/parse', /yyyy/],
    [{ parse: ['iso', 'soon'] }, '/parse/1', /form of dates/],
    [{ parse: ['iso', 'boolean'] }, '/parse', /several forms/],
    [{ parse: 'boolean' }, '/parse', /truth values/],
    [{ parse: 'decimal-comma', type: 'date' }, '/parse', /numbers/],
    [{ parse: 'iso', type: 'boolean' }, '/parse', /dates/],
    [{ format: 'd.M.yyyy' }, '/format', /parse has read/],
    [{ parse: 'iso', format: 'Do MMM' }, '/format', /written with/],
    [{ parse: 'iso', format: 'd.M.yyyy', type: 'date' }, '/format', /leave format out/],
    [{ image: {}, type: 'list(string)' }, '/image', /images/],
    [{ default: 7 }, '/default', /not a string/],
    [{ when: '"x"' }, '/when', /type string/],
    [{ when: 'useinfo.a' }, '/when', /Did you mean userinfo\?/],
  ]
  for (const [rule, pointer, detail] of wrong) {
    const mistakes = mistakesIn({ a: { from: 'id_token.a', ...rule } })
    t.deepEqual(
      mistakes.map((one) => one.pointer),
      [`/claims/a${pointer}`],
      JSON.stringify(rule),
    )
    t.regex(mistakes[0]!.detail, detail)
  }
  t.regex(mistakesIn({ a: { const: 'x', match: 'x' } })[0]!.detail, /A constant is written as it shall be/)
  t.regex(mistakesIn({ a: { const: 'x', default: 'x' } })[0]!.detail, /needs no default/)
  t.regex(mistakesIn({ a: { cel: 'true', match: 'x' } })[0]!.detail, /the next step wants a text or a list of texts/)
  t.deepEqual(mistakesIn({ a: { cel: '1', table: { 1: 'one' } } }), [])
  t.deepEqual(mistakesIn({ a: { cel: '[1]', table: { 1: 'one' }, type: 'list(string)' } }), [])
})

test('Claim mapping: what was probably meant is said with the mistake', (t) => {
  const meant: [rule: Rule, hint: RegExp][] = [
    [{ from: 'idtoken.given_name' }, /Did you mean id_token\.given_name\?$/],
    [{ from: 'session.identity_provder' }, /Did you mean session\.identity_provider\?$/],
    [{ cel: 'offr.a' }, /\(line 1, column 1\)\. Did you mean offer\?$/],
    [{ cel: 'id_token.a.upper()' }, /Did you mean upperAscii\?$/],
    [{ cel: 'id_token.a.lowerasci()' }, /Did you mean lowerAscii\?$/],
    [{ cel: 'parsedate(id_token.a, "iso")' }, /Did you mean parseDate\?$/],
    [{ cel: 'session.arc' }, /Did you mean acr\?$/],
    [{ from: 'person.name' }, /or session\.$/],
  ]
  for (const [rule, hint] of meant) t.regex(mistakesIn({ a: rule })[0]!.detail, hint)
})

test('Claim mapping: a key that no rule has is told with the one that was probably meant', (t) => {
  const rule = {
    from: 'offer.a',
    mandatroy: true,
    zzz: 1,
    by_provider: { entra: { form: 'offer.b', from: 'offer.b' } },
  }
  const { error } = CredentialConfiguration.safeParse({ format: 'dc+sd-jwt', claims: { a: rule } })
  t.deepEqual(
    mistakesOf(error!).toSorted((a, b) => a.pointer.localeCompare(b.pointer)),
    [
      { pointer: '/claims/a/by_provider/entra/form', detail: 'There is no such setting here. Did you mean from?' },
      { pointer: '/claims/a/mandatroy', detail: 'There is no such setting here. Did you mean mandatory?' },
      { pointer: '/claims/a/zzz', detail: 'There is no such setting here.' },
    ],
  )
})

test('Claim mapping: a step that fails as nobody foresaw is reported without its words, and does not throw', (t) => {
  const [planned] = planOf({ a: { from: 'id_token.a', match: 'x' } }).claims
  const fails = () => {
    throw new TypeError('geheim')
  }
  const plan = { claims: [{ ...planned!, steps: [{ name: 'match' as const, apply: fails }] }] }
  t.deepEqual(evaluatePlan(plan, { id_token: { a: 'geheim' }, session: {} }, now).unusable, [
    { claim: 'a', expected: 'a string', step: 'match', cause: 'evaluation_error' },
  ])
})

// Expressions and steps as nobody would write them, over sources as nobody would send them: nothing may throw, hang or grow.
import test from 'ava'
import fc from 'fast-check'
import { callable, loops } from '../../src/claims/callable.ts'
import { evaluatePlan } from '../../src/claims/evaluate.ts'
import { compilePlan } from '../../src/claims/plan.ts'
import { tracePlan } from '../../src/claims/trace.ts'
import { ClaimRule, ClaimType, type Sources } from '../../src/model/claim-mapping.ts'
import { configurationOf, now } from './support.ts'

const secret = 'geheim'
const long = `${secret}${'a1-/. '.repeat(600)}`
const hostile: unknown[] = [
  ...[null, '', '0', '-1', 'true', secret, long, 'x'.repeat(5000), `data:image/png;base64,${'A'.repeat(100_000)}`],
  ...[0, -1, 1.5, 1e308, 2 ** 53, true, [], {}, [[]], [null, '', secret], Array(256).fill(long), Array(300).fill('x')],
  Array.from({ length: 256 }, (_, index) => ({
    name: `${index}${secret}`,
    tags: ['a', 'b'],
    at: '2026-11-24T10:30:00Z',
  })),
  ...[
    '9999-12-31T23:59:59Z',
    '0001-01-01',
    '2026-02-30',
    '20261124233000.0Z',
    '1.234,5',
    '31.12.1999',
    'ſ',
    '\ud800',
    '\u0000',
  ],
  JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`),
  JSON.parse('{"__proto__":{"a":1},"constructor":{"a":2},"a":"b"}'),
  Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`m${index}`, index])),
]
const anything = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...hostile) }, fc.jsonValue())
const sources = fc
  .record({ a: anything, b: anything, l: fc.oneof(fc.constantFrom(hostile[20], hostile[22]), anything) })
  .map(
    (members): Sources => ({
      id_token: members,
      userinfo: members,
      offer: {},
      session: { amr: ['pwd'], auth_time: 1 },
    }),
  )

const text = fc.constantFrom(
  '""',
  '"a"',
  '"(a+)+$"',
  '"^(.*)(.*)$"',
  '"iso"',
  '"dd.MM.yyyy"',
  '"decimal-comma"',
  '"UTC"',
  '","',
  '"1h"',
)
const atom = fc.oneof(
  fc.constantFrom('id_token.a', 'id_token.b', 'id_token.l', 'userinfo.?a', 'id_token', 'session.amr', 'now', 'x', 'y'),
  fc.constantFrom('0', '-1', '9223372036854775807', '1.5', 'true', 'null', '[]', '{}', 'id_token.l[0]', 'offer["a"]'),
  text,
)
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie('expression')
  const args = fc.array(fc.oneof(text, inner), { maxLength: 3 }).map((list) => list.join(', '))
  const name = fc.constantFrom(...[...callable].filter((one) => !loops.has(one)))
  return {
    expression: fc.oneof(
      { maxDepth: 6, depthSize: 'medium' },
      atom,
      fc
        .tuple(inner, fc.constantFrom('+', '-', '*', '/', '%', '==', '<', '&&', '||', 'in'), inner)
        .map((all) => `(${all.join(' ')})`),
      fc.tuple(inner, inner, inner).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(inner, name, args).map(([receiver, method, list]) => `${receiver}.${method}(${list})`),
      fc.tuple(name, args).map(([called, list]) => `${called}(${list})`),
      fc
        .tuple(inner, fc.constantFrom(...loops), fc.constantFrom('x', 'y'), inner)
        .map(([over, loop, variable, body]) => `${over}.${loop}(${variable}, ${body})`),
      fc.tuple(inner, inner).map(([a, b]) => `[${a}, ${b}]`),
      fc.tuple(inner, inner).map(([a, b]) => `cel.bind(x, ${a}, ${b})`),
    ),
  }
})

/** Generous: the machine may have other things to do. What is not bounded takes minutes. */
const mostMs = 3000

test('Claim mapping: no expression that may be saved throws, runs long or tells a value, whatever the sources hold', (t) => {
  let saved = 0
  fc.assert(
    fc.property(expression, fc.constantFrom(...ClaimType.options), sources, (cel, type, hold) => {
      const startedAt = performance.now()
      const compiled = compilePlan(configurationOf({ a: { cel: `dyn(${cel})`, type } }), { reservedClaims: [] })
      if ('plan' in compiled) {
        saved += 1
        const { unusable } = evaluatePlan(compiled.plan, hold, now)
        if (JSON.stringify(unusable).includes(secret)) return false
      }
      return performance.now() - startedAt < mostMs
    }),
    { numRuns: 4000 },
  )
  t.log(`${saved} of them could be saved`)
  t.true(saved > 400)
})

const calls = [
  ...[
    'id_token.a.extract("^(.*)(.*)(.*)$")',
    'id_token.l.extract("(a|1|-)+$")',
    'id_token.a.parts(",")',
    'id_token.l.distinct()',
  ],
  ...['id_token.l.sort()', 'id_token.l.first()', 'id_token.l.last()', 'coalesce(id_token.?a, id_token.?b, "c")'],
  ...[
    'parseBoolean(id_token.a)',
    'parseNumber(id_token.a, "decimal-comma")',
    'parseNumber(id_token.a, "decimal-point")',
  ],
  ...[
    'date(parseDate(id_token.a, "iso"))',
    'parseDate(id_token.a, "ldap") < now',
    'parseDate(id_token.a, "epoch") < now',
  ],
  ...[
    'formatDate(parseDate(id_token.a, "dd.MM.yyyy"), "d.M.yyyy")',
    'years(id_token.a, now)',
    'date(timestamp(id_token.b))',
  ],
  ...['id_token.l.map(x, x.extract("^(.+)1(.+)$"))', 'id_token.l.map(x, parseDate(x.at, "iso") < now)'],
  'id_token.l.all(x, id_token.l.exists(y, x.matches("(a|1)+$") && y == x))',
]

test('Claim mapping: each of our functions takes whatever a source holds', (t) => {
  for (const cel of calls) {
    const compiled = compilePlan(configurationOf({ a: { cel: `dyn(${cel})` } }), {
      reservedClaims: [],
      timeZone: 'Asia/Kathmandu',
    })
    if (!('plan' in compiled)) {
      t.regex(compiled.mistakes[0]!.detail, /too large or take too long/, cel)
      continue
    }
    for (const a of hostile)
      for (const l of hostile) {
        const startedAt = performance.now()
        const { unusable } = evaluatePlan(compiled.plan, { id_token: { a, b: l, l }, session: {} }, now)
        t.false(JSON.stringify(unusable).includes(secret), cel)
        t.true(performance.now() - startedAt < mostMs, cel)
      }
  }
})

test('Claim mapping: the patterns of a credential together go through a bounded amount of text', (t) => {
  const match = { from: 'id_token.l', match: '(a|b|c)+((x|y)+)+$', type: 'list(string)' }
  const cel = { cel: 'id_token.l.extract("(a|b|c)+((x|y)+)+$")', type: 'list(string)' }
  const claims = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`c${index}`, index % 2 ? match : cel]))
  const compiled = compilePlan(configurationOf(claims), { reservedClaims: [] })
  if (!('plan' in compiled)) return t.fail()
  const hold = { id_token: { l: Array(256).fill(`${'a'.repeat(4000)}x`) }, session: {} }
  const startedAt = performance.now()
  const { unusable } = evaluatePlan(compiled.plan, hold, now)
  t.is(unusable.length, 20)
  t.regex(unusable[0]!.cause ?? '', /too much text/)
  t.regex(unusable[1]!.expected, /too much text/)
  t.true(performance.now() - startedAt < mostMs)
  const again = evaluatePlan(compiled.plan, { id_token: { l: ['ax', 'by'] }, session: {} }, now)
  t.is(again.unusable.length, 0, 'the next evaluation counts anew')
})

const form = fc.constantFrom(
  'iso',
  'epoch',
  'epoch-ms',
  'ldap',
  'dd.MM.yyyy',
  'd/M/yyyy H:mm',
  'decimal-comma',
  'decimal-point',
  'boolean',
)
const rule = fc.record(
  {
    split: fc.constantFrom(',', ' ', 'a', '1'),
    match: fc.constantFrom('^(.*)$', '(a|1)+', '^/staff/(.+)$', '((a?){20}a{20})*', '.'),
    table: fc.constantFrom({ a: 'b' }, { a: 'x', '': 'y', '1': 'z' }),
    otherwise: fc.constantFrom('', 'o'),
    parse: form,
    list: fc.constantFrom('distinct', 'sort', 'first', 'last', ['sort', 'distinct'], ['last', 'first']),
    join: fc.constantFrom('', ', '),
    image: fc.constantFrom({}, { types: ['jpeg'], max_bytes: 100 }),
    default: fc.constantFrom('2026-01-01', 'd'),
    mandatory: fc.boolean(),
  },
  { requiredKeys: [] },
)

test('Claim mapping: no steps that may be saved throw, run long or tell a value, and a trace is the same', (t) => {
  let saved = 0
  fc.assert(
    fc.property(rule, fc.constantFrom(...ClaimType.options), sources, (steps, type, hold) => {
      const written = { from: ['id_token.a', 'id_token.b', 'id_token.l'], type, ...steps }
      if (!ClaimRule.safeParse(written).success) return true
      const compiled = compilePlan(configurationOf({ a: written }), {
        reservedClaims: [],
        timeZone: 'America/St_Johns',
      })
      if (!('plan' in compiled)) return true
      saved += 1
      const startedAt = performance.now()
      const result = evaluatePlan(compiled.plan, hold, now)
      const took = performance.now() - startedAt
      const { traces, ...traced } = tracePlan(compiled.plan, hold, now)
      t.deepEqual(traced, result)
      const told = JSON.stringify([result.unusable, traces[0]?.problem ?? null])
      return took < mostMs && !told.includes(secret)
    }),
    { numRuns: 3000 },
  )
  t.log(`${saved} of them could be saved`)
  t.true(saved > 300)
})

import test from 'ava'
import { runMappingTests, testMistakes } from '../../src/claims/mapping-tests.ts'
import { configurationOf, now, planOf } from './support.ts'

const claims = {
  name: { from: ['id_token.name', 'user.name', 'source.hr.name'], mandatory: true },
  adult: { cel: 'years(id_token.birthdate, now) >= 18', type: 'boolean' },
  provider: { from: 'session.identity_provider' },
  level: { from: 'id_token.level', type: 'integer' },
}
const outcomes = (tests: unknown[]) => runMappingTests(configurationOf(claims, { tests }), planOf(claims), now)
const passes = (one: unknown) => outcomes([one])[0]!.differences.length === 0

test('Mapping tests: every source can be given, and the clock', (t) => {
  t.true(passes({ given: { user: { name: 'Ada' } }, expect: { name: 'Ada' } }))
  t.true(passes({ given: { source: { hr: { name: 'Ada' } } }, expect: { name: 'Ada' } }))
  t.true(passes({ given: { identity_provider: 'entra' }, expect: { provider: 'entra' } }))
  const birthdate = '2008-11-25'
  t.true(passes({ given: { id_token: { birthdate } }, expect: { adult: false } }), 'tomorrow')
  t.true(passes({ given: { id_token: { birthdate }, now: '2026-11-25T00:00:00Z' }, expect: { adult: true } }))
  t.throws(() => outcomes([{ given: { now: 'soon' }, expect: {} }]), { message: /2026-11-24T10:30:00Z/ })
})

test('Mapping tests: what may not be issued can be expected, and all of it', (t) => {
  const given = { id_token: { level: 'high' } }
  t.true(passes({ given, expect_refused: ['level', 'name'] }))
  t.false(passes({ given, expect_refused: ['name'] }))
  t.false(passes({ given: { id_token: { name: 'Ada' } }, expect_refused: ['name'] }))
  t.deepEqual(outcomes([{ given: { id_token: { name: 'Ada' } }, expect_refused: ['name'] }])[0]!.differences, [
    { path: ['expect_refused'], detail: 'There is a credential.', values: { expected: ['name'], got: [] } },
  ])
})

test('Mapping tests: a test that fails says what was expected and what came', (t) => {
  const tests = [
    { name: 'Ada', given: { id_token: { name: 'Ada' } }, expect: { name: 'Bob', nmae: 'x' } },
    { given: { idtoken: {} } },
  ]
  const [first, second] = outcomes(tests)
  t.is(first!.name, 'Ada')
  t.deepEqual(first!.differences, [
    { path: ['expect', 'name'], detail: 'The rule gives "Ada".', values: { expected: 'Bob', got: 'Ada' } },
    { path: ['expect', 'nmae'], detail: 'There is no such claim. Did you mean name?' },
  ])
  t.is(second!.name, 'test 2')
  t.regex(second!.differences[0]!.detail, /Did you mean id_token\?/)
  t.deepEqual(
    testMistakes(configurationOf(claims, { tests }), planOf(claims), now).map(({ pointer }) => pointer),
    ['/tests/0/expect/name', '/tests/0/expect/nmae', '/tests/1/given/idtoken'],
  )
})

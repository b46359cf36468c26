import test from 'ava'
import { evaluatePlan } from '../../src/claims/evaluate.ts'
import { tracePlan } from '../../src/claims/trace.ts'
import type { Sources } from '../../src/model/claim-mapping.ts'
import { now, planOf } from './support.ts'

const plan = planOf({
  name: { from: ['id_token.name', 'userinfo.name'], mandatory: true },
  roles: { from: 'id_token.groups', match: '^/staff/(.+)$', list: 'sort', type: 'list(string)', mandatory: true },
  since: { from: 'id_token.since', parse: 'iso', type: 'date' },
  level: { cel: 'id_token.level + 1', type: 'integer', by_provider: { entra: { const: 7 } } },
  site: { from: 'id_token.site', default: 'Lund' },
  licence: { from: 'id_token.licence', when: 'has(id_token.doctor)' },
})
const traceOf = (sources: Sources, key: string) => tracePlan(plan, sources, now).traces.find((one) => one.key === key)!

test('Claim mapping: a trace tells of every claim which path gave the value, and what each step made of it', (t) => {
  const sources = {
    id_token: { name: '', groups: ['/staff/ops', '/x', '/staff/dev'], since: '2020-05-04', level: 1 },
    userinfo: { name: 'Ada' },
    session: { identity_provider: 'entra' },
  }
  t.like(traceOf(sources, 'name'), {
    rule: 'from',
    tried: [
      { path: 'id_token.name', found: 'empty' },
      { path: 'userinfo.name', found: 'value' },
    ],
    origin: 'userinfo.name',
    read: 'Ada',
    value: 'Ada',
    isDefault: false,
    problem: undefined,
  })
  t.deepEqual(traceOf(sources, 'roles').steps, [
    { name: 'match', result: ['ops', 'dev'] },
    { name: 'list', result: ['dev', 'ops'] },
  ])
  t.like(traceOf(sources, 'level'), { rule: 'const', isOverride: true, origin: 'const', value: 7 })
  t.like(traceOf(sources, 'site'), { isDefault: true, origin: 'default', value: 'Lund' })
  t.like(traceOf(sources, 'licence'), { applies: false, tried: [], value: undefined, problem: undefined })
})

test('Claim mapping: a trace says what is wrong and how to mend it, without the value', (t) => {
  const sources = { id_token: { groups: ['/geheim'], since: 'geheim', level: 'geheim' }, session: {} }
  t.like(traceOf(sources, 'name').problem, {
    kind: 'missing',
    what: 'Nothing was there: id_token.name is absent, userinfo.name is absent.',
  })
  t.like(traceOf(sources, 'roles').problem, {
    kind: 'missing',
    step: 'match',
    what: 'The step match left nothing of what was read.',
  })
  t.like(traceOf(sources, 'since').problem, {
    kind: 'unusable',
    step: 'parse',
    what: 'The step parse wants a date as iso.',
  })
  t.like(traceOf(sources, 'level').problem, { kind: 'unusable', cause: 'no_such_overload (line 1, column 1)' })
  for (const { problem } of tracePlan(plan, sources, now).traces) {
    t.false(JSON.stringify(problem ?? {}).includes('geheim'))
    t.true(problem === undefined || problem.mend.length > 0)
  }
})

test('Claim mapping: what is traced is what would be issued', (t) => {
  for (const sources of [
    { session: {} },
    { id_token: { name: 'Ada', groups: '/staff/dev', level: 1, doctor: true, licence: 'L' }, session: {} },
  ]) {
    const { traces, ...traced } = tracePlan(plan, sources, now)
    t.deepEqual(traced, evaluatePlan(plan, sources, now))
    t.deepEqual(
      traces.map(({ key }) => key),
      ['name', 'roles', 'since', 'level', 'site', 'licence'],
    )
  }
})

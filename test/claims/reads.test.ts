import test from 'ava'
import { readsOf } from '../../src/claims/reads.ts'
import { mistakesIn, planOf } from './support.ts'

const reads = (cel: string) =>
  readsOf(planOf({ a: { cel, type: 'string' } })).map(({ root, steps }) => [root, ...steps].join('/'))

test('Claim mapping: what a rule reads is known without running it', (t) => {
  t.deepEqual(reads('id_token.given_name + user.attributes["department"][0]'), [
    'id_token/given_name',
    'user/attributes/department',
  ])
  t.deepEqual(reads('userinfo.?address.?country.orValue("SE")'), ['userinfo/address/country'])
  t.deepEqual(reads('user.groups.filter(g, g.startsWith("/staff"))[0]'), ['user/groups'])
  t.deepEqual(reads('has(source.hr.grade) ? source.hr.grade : "none"'), ['source/hr/grade', 'source/hr/grade'])
  t.deepEqual(reads('cel.bind(who, user.username, who.lowerAscii())'), ['user/username'])
  t.deepEqual(reads('string(size(user))'), ['user'], 'all of it')
  t.deepEqual(reads('string(user.attributes[id_token.name])'), ['user/attributes', 'id_token/name'])
})

test('Claim mapping: a short path, and the rule for one identity provider, are known as well', (t) => {
  const plan = planOf({
    a: { from: ['id_token.sub', 'user.id'], by_provider: { other: { const: 'x' } } },
    b: { const: 'y' },
  })
  t.deepEqual(
    readsOf(plan).map(({ root, steps }) => [root, ...steps]),
    [
      ['id_token', 'sub'],
      ['user', 'id'],
    ],
  )
  t.deepEqual(readsOf(plan, 'other'), [])
  t.is(readsOf(plan, 'keycloak').length, 2)
})

test('Claim mapping: a rule names the claim source that it reads, and there has to be one of that name', (t) => {
  const options = { claimSources: ['hr'] }
  t.deepEqual(mistakesIn({ a: { from: 'source.hr.grade' }, b: { cel: 'source.hr.grade' } }, options), [])
  const detail = 'There is no claim source payroll in this file; there is hr.'
  t.deepEqual(mistakesIn({ a: { from: 'source.payroll.grade' }, b: { cel: 'source.payroll.grade' } }, options), [
    { pointer: '/claims/a/from', detail },
    { pointer: '/claims/b/cel', detail },
  ])
  t.is(mistakesIn({ a: { cel: 'source[id_token.name].grade' } }, options)[0]?.pointer, '/claims/a/cel')
  t.deepEqual(mistakesIn({ a: { from: 'source.hr' } }, options), [
    {
      pointer: '/claims/a/from',
      detail: 'After source come the name of a claim source and the name of a member.',
      column: 9,
    },
  ])
})

// Everything that docs/reference/claim-mapping.md says with an example is tried here, and everything there is has to be on the page.
import { readFileSync } from 'node:fs'
import test from 'ava'
import { parse } from 'yaml'
import { readTenantFile } from '../../src/administration/read-tenant-file.ts'
import { callable } from '../../src/claims/callable.ts'
import { evaluatePlan } from '../../src/claims/evaluate.ts'
import { variables } from '../../src/claims/functions.ts'
import { ClaimRule, ClaimType } from '../../src/model/claim-mapping.ts'
import { MappingTest } from '../../src/model/mapping-test.ts'
import { now, planOf } from './support.ts'

const page = readFileSync(new URL('../../docs/reference/claim-mapping.md', import.meta.url), 'utf8')

/** The rows of the tables below a heading, as cells; `\|` is a stroke within a cell. */
const rowsBelow = (heading: string): string[][] => {
  const [, section = ''] = page.split(`\n${heading}\n`)
  return section
    .split(/\n#+ /)[0]!
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
}
const codeIn = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)
const names = (heading: string) => rowsBelow(heading).flatMap(([first]) => codeIn(first))

const person = JSON.parse(/```json\n(.*?)```/s.exec(page)![1]!)
const timeZone = 'Europe/Stockholm'
const typeOf = (value: unknown): string => {
  if (Array.isArray(value)) return `list(${typeOf(value[0])})`
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value === 'boolean' ? 'boolean' : 'string'
}

for (const heading of ['### Operators and macros', '### Functions'])
  for (const [what, , example, gives] of rowsBelow(heading))
    test(`Claim mapping, reference: ${what} gives what the page says`, (t) => {
      const wanted = JSON.parse(codeIn(gives)[0]!)
      const type = codeIn(example)[0]!.startsWith('double(') ? 'number' : typeOf(wanted)
      const plan = planOf({ a: { cel: codeIn(example)[0], type } }, { timeZone })
      const { claims, unusable } = evaluatePlan(plan, person, now)
      t.deepEqual(unusable, [])
      t.deepEqual(claims.a ?? null, wanted)
    })

for (const heading of ['## Steps', '### Forms'])
  for (const [what, , example, gives] of rowsBelow(heading))
    test(`Claim mapping, reference: ${what} gives what the page says (step)`, (t) => {
      const [rule, value] = codeIn(example)
      const plan = planOf({ a: { from: 'id_token.a', ...parse(rule!) } }, { timeZone })
      const { claims } = evaluatePlan(plan, { id_token: { a: JSON.parse(value!) }, session: {} }, now)
      t.deepEqual(claims.a, JSON.parse(codeIn(gives)[0]!))
    })

test('Claim mapping, reference: every function, key, type and variable is on the page', (t) => {
  const called = names('### Functions').join(' ')
  const macros = names('### Operators and macros').join(' ')
  for (const name of callable)
    t.regex(`${called} ${macros}`, new RegExp(`(^|[ .])${name}(\\W|$)`), `${name} has an example`)
  t.deepEqual(
    [...names('## A rule'), ...names('## Steps')].filter((name) => /^\w+$/.test(name)).toSorted(),
    Object.keys(ClaimRule.shape).toSorted(),
  )
  t.deepEqual(names('## Types').toSorted(), [...ClaimType.options].toSorted())
  t.deepEqual(names('## Variables').toSorted(), [...variables].toSorted())
  t.deepEqual(names('## Tests').toSorted(), Object.keys(MappingTest.shape).toSorted())
})

test('Claim mapping, reference: the tenant files of the page are right, with their tests', (t) => {
  const files = [...page.matchAll(/```yaml\n(tenant:.*?)```/gs)].map(([, text]) => text!)
  t.is(files.length, 2)
  for (const text of files) {
    const read = readTenantFile(text, 'page.yaml', { environment: {}, folder: '.', demo: true, now })
    t.deepEqual('mistakes' in read ? read.mistakes : [], [])
  }
})

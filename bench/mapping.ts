// `npm run bench -- --mapping`: what the rules of a credential with twenty claims cost for one person.
import { type EvaluatedClaims, evaluatePlan } from '../src/claims/evaluate.ts'
import { compilePlan } from '../src/claims/plan.ts'
import { tracePlan } from '../src/claims/trace.ts'
import type { Sources } from '../src/model/claim-mapping.ts'
import { CredentialConfiguration } from '../src/model/credential-configuration.ts'

const now = new Date('2026-11-24T10:30:00Z')
const names = ['given_name', 'family_name', 'email', 'phone_number', 'employee_id', 'title', 'office', 'cost_center']

/** Twelve short paths with their fallbacks, four with steps, four expressions: what a badge of a large company looks like. */
const badge = {
  ...Object.fromEntries(
    names.map((name) => [name, { from: [`id_token.${name}`, `userinfo.${name}`], mandatory: true }]),
  ),
  'address.country': { from: 'id_token.address.country' },
  'address.locality': { from: 'id_token.address.locality' },
  employer: { const: 'ACME' },
  level: { from: 'userinfo.level', type: 'integer' },
  roles: { from: 'id_token.groups', match: '^/staff/(.+)$', list: ['distinct', 'sort'], type: 'list(string)' },
  department: { from: 'userinfo.department', table: { dev: 'Engineering', ops: 'Operations' }, otherwise: 'Staff' },
  hired_on: { from: 'userinfo.hired', parse: ['iso', 'dd.MM.yyyy'], type: 'date' },
  active: { from: 'userinfo.active', parse: 'boolean', type: 'boolean' },
  age_over_18: { cel: 'years(id_token.birthdate, now) >= 18', type: 'boolean' },
  display_name: { cel: 'id_token.?given_name.orValue("") + " " + id_token.?family_name.orValue("")' },
  teams: { cel: 'id_token.groups.filter(g, g.startsWith("/team/")).map(g, g.substring(6))', type: 'list(string)' },
  strength: { cel: '"otp" in session.amr ? "high" : "low"' },
}

const sources: Sources = {
  id_token: {
    given_name: 'Ada',
    family_name: 'Byron',
    email: 'ada@acme.example',
    birthdate: '1985-12-10',
    address: { country: 'SE', locality: 'Lund' },
    groups: [
      '/staff/dev',
      '/staff/ops',
      '/team/red',
      '/team/blue',
      '/everyone',
      ...Array.from({ length: 15 }, (_, n) => `/other/${n}`),
    ],
  },
  userinfo: {
    ...Object.fromEntries(names.map((name) => [name, name])),
    level: '7',
    department: 'dev',
    hired: '01.09.2020',
    active: 'yes',
  },
  session: { identity_provider: 'keycloak', amr: ['pwd', 'otp'] },
}

/** Microseconds of processor time a call: the median of the rounds, after one for the machine to warm up. */
function microseconds(work: () => EvaluatedClaims): number {
  const [rounds, calls] = [9, 2000]
  const times = Array.from({ length: rounds + 1 }, () => {
    const startedAt = process.cpuUsage()
    for (let call = 0; call < calls; call++) work()
    const { user, system } = process.cpuUsage(startedAt)
    return (user + system) / calls
  })
  return times.slice(1).toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!
}

export function benchMapping(): void {
  const configuration = CredentialConfiguration.parse({ format: 'dc+sd-jwt', claims: badge })
  const compiled = compilePlan(configuration, { reservedClaims: [], timeZone: 'Europe/Stockholm' })
  if ('mistakes' in compiled) throw new Error(JSON.stringify(compiled.mistakes))
  const { plan } = compiled
  const part = (kind: string) => {
    const some = plan.claims.filter(({ source, steps }) => kind === (steps[0] ? 'steps' : source.kind))
    return () => evaluatePlan({ claims: some }, sources, now)
  }
  const { claims, missing, unusable } = evaluatePlan(plan, sources, now)
  if (missing.length + unusable.length > 0) throw new Error(JSON.stringify([claims, missing, unusable]))
  console.log(`\nThe rules of a credential with ${plan.claims.length} claims, for one person`)
  const rows: [what: string, work: () => EvaluatedClaims][] = [
    ['all', () => evaluatePlan(plan, sources, now)],
    ['the short paths among them', part('from')],
    ['those with steps', part('steps')],
    ['the expressions', part('cel')],
    ['all, traced', () => tracePlan(plan, sources, now)],
  ]
  for (const [what, work] of rows) console.log(`  ${what.padEnd(30)} ${microseconds(work).toFixed(1).padStart(8)} µs`)
}

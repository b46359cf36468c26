import { compilePlan, type PlanOptions } from '../../src/claims/plan.ts'
import { CredentialConfiguration } from '../../src/model/credential-configuration.ts'

export const now = new Date('2026-11-24T10:30:00Z')

type Written = Record<string, unknown>

/** A credential configuration as an administrator would write it, parsed. */
export const configurationOf = (claims: Written, rest: Written = {}) =>
  CredentialConfiguration.parse({ format: 'dc+sd-jwt', claims, ...rest })

const reservedClaims = ['iss', 'vct', 'cnf', 'status', 'exp', 'nbf', 'iat', '_sd_alg']

/** The plan of rules that are right. */
export function planOf(claims: Written, options: Partial<PlanOptions> = {}) {
  const compiled = compilePlan(configurationOf(claims), { reservedClaims, ...options })
  if ('mistakes' in compiled) throw new Error(JSON.stringify(compiled.mistakes))
  return compiled.plan
}

/** The mistakes in rules that are wrong. */
export function mistakesIn(claims: Written, options: Partial<PlanOptions> = {}) {
  const compiled = compilePlan(configurationOf(claims), { reservedClaims, ...options })
  return 'mistakes' in compiled ? compiled.mistakes : []
}

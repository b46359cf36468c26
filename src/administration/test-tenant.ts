import { runMappingTests, type TestOutcome } from '../claims/mapping-tests.ts'
import { compilePlan } from '../claims/plan.ts'
import type { TenantFile } from '../model/tenant.ts'
import { planOptions } from './validate-rules.ts'

/** What became of the mapping tests of one credential configuration. */
export type TestedConfiguration = { issuer: string; configuration: string; outcomes: TestOutcome[] }

/** Runs the mapping tests of every credential configuration of a tenant file that has no other mistakes. */
export function testTenant(file: TenantFile, now: Date): TestedConfiguration[] {
  const claimSources = Object.keys(file.claim_sources)
  return Object.entries(file.issuers).flatMap(([issuer, settings]) =>
    Object.entries(settings.credential_configurations).flatMap(([configuration, written]) => {
      const compiled = compilePlan(written, planOptions(written, { issuer: settings, tenant: file, claimSources }))
      const outcomes = 'plan' in compiled ? runMappingTests(written, compiled.plan, now) : []
      return outcomes.length > 0 ? [{ issuer, configuration, outcomes }] : []
    }),
  )
}

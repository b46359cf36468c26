import { isDeepStrictEqual } from 'node:util'
import { isObject } from '../lib/json.ts'
import { didYouMean } from '../lib/nearest.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { CredentialConfiguration } from '../model/credential-configuration.ts'
import type { MappingTest } from '../model/mapping-test.ts'
import type { Mistake } from '../protocol/errors.ts'
import { pointerTo } from '../protocol/mistakes.ts'
import { type ClaimPlan, type EvaluatedClaims, evaluatePlan, type PlannedClaim } from './evaluate.ts'
import { roots } from './short-form.ts'
import { claimIn } from './trace.ts'

/** What did not come out as expected: at which member of the test, why, and, where values were compared, which. */
export type Difference = { path: readonly string[]; detail: string; values?: { expected: unknown; got: unknown } }
/** What became of one test; no differences: it has passed. */
export type TestOutcome = { name: string; differences: Difference[] }

/** What is no source: a slip of the pen would otherwise make a test that tests nothing. */
function givenMistakes(given: Record<string, unknown>): Difference[] {
  return Object.entries(given).flatMap(([name, source]) => {
    const path = ['given', name]
    if (!(roots as readonly string[]).includes(name))
      return [{ path, detail: `There is ${roots.join(', ')} to give.${didYouMean(name, roots)}` }]
    return isObject(source) ? [] : [{ path, detail: 'This must be an object.' }]
  })
}

function refusedDifferences(wanted: readonly string[], { missing, unusable }: EvaluatedClaims): Difference[] {
  const refused = [...missing, ...unusable.map(({ claim }) => claim)].toSorted()
  const expected = [...new Set(wanted)].toSorted()
  if (isDeepStrictEqual(refused, expected)) return []
  const detail = refused.length === 0 ? 'There is a credential.' : `There is none for want of ${refused.join(', ')}.`
  return [{ path: ['expect_refused'], detail, values: { expected, got: refused } }]
}

function claimDifference(
  planned: PlannedClaim,
  wanted: unknown,
  result: EvaluatedClaims,
): Omit<Difference, 'path'> | undefined {
  const { key } = planned
  const unusable = result.unusable.find(({ claim }) => claim === key)
  if (unusable) {
    const { expected, step, cause } = unusable
    const who = step === undefined ? 'it' : `its step ${step}`
    return { detail: `The rule fails: ${who} wants ${[expected, cause].filter(Boolean).join('; ')}.` }
  }
  if (result.missing.includes(key) && wanted !== null)
    return { detail: 'The sources have nothing for this mandatory claim.' }
  const got = claimIn(result, planned) ?? null
  if (isDeepStrictEqual(got, wanted)) return undefined
  return { detail: `The rule gives ${JSON.stringify(got).slice(0, 200)}.`, values: { expected: wanted, got } }
}

function differencesIn({ given, expect, expect_refused: refused }: MappingTest, plan: ClaimPlan, now: Date) {
  const { now: moment, identity_provider, ...sources } = given
  const mistakes = givenMistakes(sources)
  if (mistakes.length > 0) return mistakes
  const session = { ...(identity_provider !== undefined && { identity_provider }), ...(sources.session as object) }
  const result = evaluatePlan(plan, { ...sources, session } as Sources, moment === undefined ? now : new Date(moment))
  const keys = plan.claims.map(({ key }) => key)
  const unknown = (key: string) => ({ detail: `There is no such claim.${didYouMean(key, keys)}` })
  const differences = Object.entries(expect).flatMap(([key, wanted]): Difference[] => {
    const planned = plan.claims.find((one) => one.key === key)
    const difference = planned ? claimDifference(planned, wanted, result) : unknown(key)
    return difference ? [{ path: ['expect', key], ...difference }] : []
  })
  return [...differences, ...(refused ? refusedDifferences(refused, result) : [])]
}

/**
 * Runs a configuration's own `tests`: `given` are the sources, `expect` the claims by key, null for one that is left out. Claims that
 * `expect` does not name may be anything.
 */
export const runMappingTests = ({ tests }: CredentialConfiguration, plan: ClaimPlan, now: Date): TestOutcome[] =>
  (tests ?? []).map((test, index) => ({
    name: test.name ?? `test ${index + 1}`,
    differences: differencesIn(test, plan, now),
  }))

/** The same as mistakes of the configuration, for whoever checks it. */
export const testMistakes = (configuration: CredentialConfiguration, plan: ClaimPlan, now: Date): Mistake[] =>
  runMappingTests(configuration, plan, now).flatMap(({ differences }, index) =>
    differences.map(({ path, detail }) => ({ pointer: pointerTo(['tests', index, ...path]), detail })),
  )

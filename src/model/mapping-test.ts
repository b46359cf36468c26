import { z } from 'zod'

/** A test of the rules: what the sources hold, and what must come of it. */
export const MappingTest = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  given: z.looseObject({
    /** When it is; default: the moment at which the test runs. */
    now: z.iso.datetime({ offset: true, error: 'A moment is written as 2026-11-24T10:30:00Z.' }).optional(),
    /** Short for `session.identity_provider`. */
    identity_provider: z.string().optional(),
  }),
  /** Claims by key; null: it is left out. */
  expect: z.record(z.string(), z.unknown()).default({}),
  /** The claims for which there is no credential, all of them: mandatory and missing, or of no use. */
  expect_refused: z.array(z.string()).min(1).optional(),
})
export type MappingTest = z.infer<typeof MappingTest>

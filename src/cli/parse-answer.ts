import type { z } from 'zod'
import { Failure } from './failure.ts'

/**
 * What a node answered, as what it should be. `otherwise`: what it is if it is not that, such as `is no session`.
 * @throws Failure
 */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: unknown, otherwise: string): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new Failure([`What the node answered ${otherwise}. Is it a Claimgate node?`])
}

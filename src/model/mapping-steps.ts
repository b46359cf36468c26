import { z } from 'zod'

export const constant: z.ZodType<unknown> = z.json()

const ListStep = z.enum(['distinct', 'sort', 'first', 'last'])
export type ListStep = z.infer<typeof ListStep>

/** What becomes of the value that was read, in this order. Each works on a text, or on every item of a list. */
export const Steps = z.strictObject({
  /** The parts between this separator, without spaces around them. */
  split: z.string().min(1).max(20).optional(),
  /** An RE2 pattern: what its first group catches; what it does not match is left out. */
  match: z.string().min(1).max(500).optional(),
  /** The value that stands for a text; what is not in it becomes `otherwise`, or is left out. */
  table: z.record(z.string().max(500), constant).optional(),
  otherwise: constant.optional(),
  /** How dates, numbers or truth values are written at the source; the first form of several that fits. */
  parse: z.union([z.string().min(1).max(40), z.array(z.string().min(1).max(40)).min(1).max(10)]).optional(),
  /** How a date that was read is written. */
  format: z.string().min(1).max(40).optional(),
  list: z.union([ListStep, z.array(ListStep).min(1).max(4)]).optional(),
  /** The items of a list as one text, with this between them. */
  join: z.string().max(20).optional(),
  /** An image of one of these kinds, as a data URI. */
  image: z
    .strictObject({
      types: z
        .array(z.enum(['jpeg', 'png', 'jpeg2000']))
        .min(1)
        .default(['jpeg', 'png', 'jpeg2000']),
      max_bytes: z.int().min(100).max(190_000).default(190_000),
    })
    .optional(),
})
export type Steps = z.infer<typeof Steps>

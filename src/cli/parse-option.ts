import { InvalidArgumentError } from 'commander'
import { z } from 'zod'

/** A parser of an option, after what the same thing has to be in a tenant file. */
export const parsedBy =
  (schema: z.ZodType<string>) =>
  (text: string): string => {
    const { data, error } = schema.safeParse(text)
    if (data !== undefined) return data
    throw new InvalidArgumentError(error?.issues[0]?.message ?? '')
  }

export const ClientId = z
  .string()
  .regex(/^[\w.:/@+-]{1,255}$/, 'A client id is letters, digits and . : / @ + - _ here.')

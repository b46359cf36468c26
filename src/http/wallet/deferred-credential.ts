import type { Middleware } from 'koa'
import { fetchDeferred } from '../../issuance/fetch-deferred.ts'
import { chooseResponseEncryption } from '../../issuance/message-encryption.ts'
import { parseDeferredCredentialRequest } from '../../protocol/deferred.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { proveAccess } from './access.ts'
import { readMessage, sendMessage } from './messages.ts'

/** Deferred Credential Endpoint, OpenID4VCI §9. Only what this request says of encryption counts (VCI-85). */
export const deferredCredential =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const allowed = await proveAccess(services, ctx, 'deferred-credential')
    const { message, encrypted } = await readMessage(services, ctx)
    const request = parseDeferredCredentialRequest(message)
    const encryption = chooseResponseEncryption(issuer, request.responseEncryption, encrypted)
    const response = await fetchDeferred(services, issuer, allowed, request.transactionId)
    ctx.status = 'transaction_id' in response ? 202 : 200
    await sendMessage(ctx, response, encryption)
  }

import type { Middleware } from 'koa'
import { issueCredentials } from '../../issuance/issue-credentials.ts'
import { chooseResponseEncryption } from '../../issuance/message-encryption.ts'
import { selectDataset } from '../../issuance/select-dataset.ts'
import { verifyKeyProofs } from '../../issuance/verify-key-proofs.ts'
import { parseCredentialRequest } from '../../protocol/credential.ts'
import type { Services } from '../../services.ts'
import { issuerOf } from '../edge.ts'
import { proveAccess } from './access.ts'
import { readMessage, sendMessage } from './messages.ts'

/** Credential Endpoint, OpenID4VCI §8; the checks in the order of VCI-80. */
export const credential =
  (services: Services): Middleware =>
  async (ctx) => {
    const issuer = issuerOf(ctx)
    const allowed = await proveAccess(services, ctx, 'credential')
    const { message, encrypted } = await readMessage(services, ctx)
    const request = parseCredentialRequest(message)
    const selected = selectDataset(issuer, allowed, request)
    const encryption = chooseResponseEncryption(issuer, request.responseEncryption, encrypted)
    const proven = await verifyKeyProofs(
      services,
      issuer,
      selected.configuration,
      allowed.grant.clientId,
      request.proofs,
    )
    const response = await issueCredentials(services, issuer, allowed, selected, proven)
    ctx.status = 'transaction_id' in response ? 202 : 200
    await sendMessage(ctx, response, encryption)
  }

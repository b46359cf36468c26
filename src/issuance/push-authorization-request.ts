import { newId, newSecret } from '../lib/ids.ts'
import { hash } from '../lib/secrets.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Services } from '../services.ts'
import { type AcceptedRequest, acceptRequest, proveReturn } from './accept-request.ts'
import type { Sender } from './open-session.ts'
import { newEvent } from './record-event.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'vault' | 'inTransaction'>

const prefix = 'urn:ietf:params:oauth:request_uri:'
const visitSeconds = 90
/** How long the same browser may begin new tries to sign in, counted from the request. */
export const patienceSeconds = 3600

export type PushedResponse = { request_uri: string; expires_in: number }

/**
 * Pushed Authorization Request, RFC 9126 §2. A proven DPoP key binds the code (RFC 9449 §10.1).
 * @throws ProtocolError with a code of RFC 6749 §4.1.2.1 or §5.2
 */
export async function pushAuthorizationRequest(
  services: Needs,
  issuer: LiveIssuer,
  parameters: URLSearchParams,
  sender: Sender,
): Promise<PushedResponse> {
  const proven = proveReturn(issuer, parameters, sender)
  const request = await acceptRequest(services, issuer, parameters, proven, sender)
  const { secret } = await storeRequest(services, issuer, request)
  return { request_uri: prefix + secret, expires_in: visitSeconds }
}

/** What the last part of a `request_uri` of ours is stored under; no other can be found. */
export const requestUriHash = (requestUri: string): string =>
  hash(requestUri.startsWith(prefix) ? requestUri.slice(prefix.length) : '')

export const requestPlace = (sessionId: string) => ({
  table: 'authorization_requests',
  column: 'request_sealed',
  row: sessionId,
})

/** Opens an issuance session for a request. It has to be visited within 90 s. */
export async function storeRequest(
  services: Needs,
  issuer: LiveIssuer,
  request: AcceptedRequest,
): Promise<{ id: string; secret: string }> {
  const { clock, vault, inTransaction } = services
  const [id, secret, now] = [newId(services), newSecret(services), clock()]
  const sealer = await vault.of(issuer.tenantId)
  const { offer, clientId, walletProfile, viewHash } = request
  const stored = {
    id,
    requestUriHash: hash(secret),
    requestSealed: sealer.seal(requestPlace(id), JSON.stringify(request)),
    createdAt: now,
    expiresAt: after(now, visitSeconds),
  }
  const session = {
    id,
    offerId: offer?.id,
    viewHash,
    clientId,
    walletProfile,
    dialect: '1.0',
    identityProvider: undefined,
    configurationVersion: issuer.tenant.configurationVersion,
    state: 'requested' as const,
    personIndex: undefined,
    createdAt: now,
    expiresAt: after(now, patienceSeconds),
  }
  const event = newEvent(services, 'session.requested', { sessionId: id, offerId: offer?.id })
  await inTransaction(async (within) => {
    await within.sessions.insert(issuer, session)
    await within.authorizationRequests.insert(issuer, stored)
    await within.events.insert(issuer, event)
  })
  return { id, secret }
}

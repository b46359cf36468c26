import { inward } from '../lib/ids.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import { ProtocolError } from '../protocol/errors.ts'
import type { Services } from '../services.ts'
import { acceptRequest, type ProvenReturn, proveReturn } from './accept-request.ts'
import { refusalUrl, withWayBack } from './answer-wallet.ts'
import { type Browser, firstVisit, type OpenSignIn, openRequest, openSignIn, pageOver } from './open-sign-in.ts'
import { patienceSeconds, requestUriHash, storeRequest } from './push-authorization-request.ts'
import { mustPush } from './wallets.ts'

type Needs = Pick<Services, 'clock' | 'random' | 'tables' | 'vault' | 'inTransaction'>

/** The sign-in that serves a request, or where the browser takes the refusal at once. */
export type Authorized = OpenSignIn | { refusal: string }

/**
 * Authorization Endpoint, OpenID4VCI §5 and RFC 6749 §3.1: a pushed request, of which only `client_id` and `request_uri` count
 * (RFC 9126 §4), a whole request, or, by `session`, the browser that comes back to a sign-in it began.
 * @throws ProtocolError for the page, where nothing is proven or the person can do something about it
 */
export async function authorizeWallet(
  services: Needs,
  issuer: LiveIssuer,
  parameters: URLSearchParams,
  browser: Browser,
): Promise<Authorized> {
  const session = parameters.get('session')
  if (session !== null) return openSignIn(services, issuer, sessionIdOf(session), browser)
  const requestUri = parameters.get('request_uri')
  if (requestUri) return visitPushed(services, issuer, { requestUri, clientId: parameters.get('client_id') }, browser)
  return visitWhole(services, issuer, parameters)
}

/** @throws ProtocolError for the page if the text is no id of a session */
export function sessionIdOf(text: string | null): string {
  const id = inward('ses', text ?? '')
  if (id === undefined) throw pageOver()
  return id
}

async function visitPushed(
  services: Needs,
  issuer: LiveIssuer,
  { requestUri, clientId }: { requestUri: string; clientId: string | null },
  browser: Browser,
): Promise<OpenSignIn> {
  const { tables, clock } = services
  const unknown = (message: string) => new ProtocolError('invalid_request_uri', message, { help: 'wallet-waited' })
  const stored = await tables.authorizationRequests.findByRequestUri(issuer, requestUriHash(requestUri))
  if (!stored) throw unknown('The request_uri is unknown.')
  const opened = await openRequest(services, issuer, stored)
  if (opened.request.clientId !== clientId)
    throw new ProtocolError('invalid_request', 'The request_uri was pushed by another client.')
  // Visited before: the same browser goes on, until the sign-in ends.
  if (await tables.signIns.find(issuer, stored.id)) return openSignIn(services, issuer, stored.id, browser)
  if (stored.expiresAt <= clock()) {
    throw withWayBack(unknown('The request_uri has expired.'), issuer, { request: opened.request })
  }
  return firstVisit(services, issuer, stored.id, opened)
}

async function visitWhole(services: Needs, issuer: LiveIssuer, parameters: URLSearchParams): Promise<Authorized> {
  const proven = proveReturn(issuer, parameters)
  try {
    if (mustPush(issuer)) throw new ProtocolError('invalid_request', 'This issuer wants pushed authorization requests.')
    const request = await acceptRequest(services, issuer, parameters, proven)
    const { id } = await storeRequest(services, issuer, request)
    return await firstVisit(services, issuer, id, { request, patientUntil: after(services.clock(), patienceSeconds) })
  } catch (error) {
    return refuse(issuer, proven, error)
  }
}

/** What the wallet did wrong goes to the wallet at once. An offer that is over, and our own trouble, are told to the person first. */
function refuse(issuer: LiveIssuer, proven: ProvenReturn, error: unknown): { refusal: string } {
  if (error instanceof ProtocolError && error.help === undefined && error.code !== 'temporarily_unavailable')
    return { refusal: refusalUrl(issuer, proven, error) }
  throw withWayBack(error, issuer, { request: proven })
}

import { outward } from '../lib/ids.ts'
import type { LiveIssuer } from '../model/live.ts'
import { type ErrorCode, ProtocolError } from '../protocol/errors.ts'

type Return = { redirectUri: string; state: string | undefined }

/** The codes that an authorization response may carry: RFC 6749 §4.1.2.1, RFC 8707 §2, RFC 9396 §5, RFC 9101 §10. */
const answerable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'invalid_target',
  'invalid_authorization_details',
  'request_not_supported',
])

/** The wallet's proven redirect URI with the answer (RFC 6749 §4.1.2), `state` as it came and `iss` (RFC 9207 §2). */
export function answerUrl(
  { identifier }: LiveIssuer,
  { redirectUri, state }: Return,
  answer: { code: string } | { error: string; error_description: string },
): string {
  const query = new URLSearchParams({ ...answer, ...(state !== undefined && { state }), iss: identifier })
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query}`
}

/** The same with a refusal. */
export function refusalUrl(issuer: LiveIssuer, to: Return, { code, message }: ProtocolError): string {
  const error = answerable.has(code) ? code : 'invalid_request'
  return answerUrl(issuer, to, { error, error_description: message.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '.') })
}

/** Where the same browser goes on with a sign-in, or begins a new try. */
export const signInUrl = ({ identifier }: LiveIssuer, id: string): string =>
  `${identifier}/authorize?session=${outward('ses', id)}`
export const consentUrl = ({ identifier }: LiveIssuer, id: string): string =>
  `${identifier}/consent?session=${outward('ses', id)}`

/** For these somebody else has to act first, or nothing helps: no new try is offered. */
const final =
  /^(sign-in-refused|provider-set-up|source-set-up|missing-claims?|claim-not-usable|too-many-groups|offer-.*|pin-burnt|wallet-waited|server-error)$/

type Way = { request?: Return; retryHref?: string; fill?: Record<string, string> }

/** An error as the page tells it: with the way back to the wallet, if one is behind it, and to a new try where one can help. What is no ProtocolError is a bug of ours. */
export function withWayBack(error: unknown, issuer: LiveIssuer, { request, retryHref, fill }: Way): ProtocolError {
  const told =
    error instanceof ProtocolError
      ? error
      : new ProtocolError('server_error', 'Something went wrong on our side.', { cause: error, help: 'server-error' })
  const mayRetry = retryHref !== undefined && told.help !== undefined && !final.test(told.help)
  const backToWallet = told.backToWallet ?? (request && refusalUrl(issuer, request, told))
  return new ProtocolError(told.code, told.message, {
    fill: { ...fill, ...told.fill },
    ...(backToWallet !== undefined && { backToWallet }),
    ...(told.cause !== undefined && { cause: told.cause }),
    ...(told.help !== undefined && { help: told.help }),
    ...(told.retryAfter !== undefined && { retryAfter: told.retryAfter }),
    ...(mayRetry && { retryHref }),
  })
}

import { OutboundError } from '../lib/exchange.ts'
import { ProtocolError } from '../protocol/errors.ts'

/** Why a claim source gave nothing to use: in words of ours, and the status it answered with. */
export type SourceFailure = { reason: string; status?: number; retryAfter?: number | undefined }

/** For these a further try may help; all else is for somebody to set right. */
export const mayPass = ({ reason, status = 0 }: SourceFailure): boolean =>
  reason === 'timeout' || reason === 'unreachable' || status === 429 || status >= 500

/** What a call came to that got no answer. */
export function failureOfCall(error: unknown): SourceFailure {
  if (error instanceof OutboundError) return { reason: error.code }
  return { reason: error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : 'unreachable' }
}

/** What a status says that is no answer. */
export const failureOfStatus = ({ status, headers }: Response): SourceFailure => {
  const wait = headers.get('retry-after') ?? ''
  return {
    reason: status >= 300 && status < 400 ? 'redirect' : 'status',
    status,
    ...(/^\d{1,5}$/.test(wait) && { retryAfter: Number(wait) }),
  }
}

/** The fault `source-failed`; `facts` are for the operator's log and hold nothing of the person. */
export function sourceFailed(
  source: string,
  ms: number,
  { retryAfter = 60, ...failure }: SourceFailure,
): ProtocolError {
  const cause = { fault: 'source-failed', source, ms, ...failure }
  return mayPass(failure)
    ? new ProtocolError('temporarily_unavailable', 'A source of claims is not available.', {
        help: 'source-unavailable',
        retryAfter,
        cause,
      })
    : new ProtocolError('server_error', 'A source of claims is not set up correctly.', { help: 'source-set-up', cause })
}

import type { ErrorCode } from '../../protocol/errors.ts'
import type { IconName } from './parts.ts'
import type { ProblemKey } from './texts/index.ts'

/** The main button: a link that the handler gives, or a message to the help desk or the issuer. */
export type Remedy =
  | 'sign-in-again'
  | 'try-again'
  | 'other-account'
  | 'start-here'
  | 'write-to'
  | 'ask-issuer'
  | 'ask-new'

/** What belongs to a problem in every language. Without a code it is no error but a page in the normal flow. */
export type Problem = { code?: ErrorCode; icon: IconName; remedy?: Remedy; good?: true; second?: true }

/** Every problem that a page can tell of. `second`: its button is a quiet one. */
export const problems: Record<ProblemKey, Problem> = {
  'sign-in-cancelled': { code: 'access_denied', icon: 'cross', remedy: 'sign-in-again' },
  'sign-in-refused': { code: 'access_denied', icon: 'person', remedy: 'write-to' },
  'sign-in-expired': { code: 'access_denied', icon: 'clock', remedy: 'sign-in-again' },
  'sign-in-too-old': { code: 'access_denied', icon: 'clock', remedy: 'sign-in-again' },
  'stronger-sign-in': { code: 'access_denied', icon: 'lock', remedy: 'sign-in-again' },
  'other-organisation': { code: 'access_denied', icon: 'person', remedy: 'other-account' },
  'not-eligible': { code: 'access_denied', icon: 'person', remedy: 'other-account' },
  'provider-unavailable': { code: 'temporarily_unavailable', icon: 'cloud', remedy: 'try-again' },
  'provider-slow': { code: 'temporarily_unavailable', icon: 'cloud', remedy: 'try-again' },
  'provider-set-up': { code: 'server_error', icon: 'cloud', remedy: 'write-to' },
  'provider-answer': { code: 'access_denied', icon: 'caution' },
  'domain-unknown': { code: 'invalid_request', icon: 'person' },

  'missing-claim': { code: 'access_denied', icon: 'card', remedy: 'write-to' },
  'missing-claims': { code: 'access_denied', icon: 'card', remedy: 'write-to' },
  'claim-not-usable': { code: 'access_denied', icon: 'card', remedy: 'write-to' },
  'email-not-verified': { code: 'access_denied', icon: 'card', remedy: 'try-again' },
  'too-many-groups': { code: 'server_error', icon: 'card', remedy: 'write-to' },
  'source-unavailable': { code: 'temporarily_unavailable', icon: 'cloud', remedy: 'try-again' },
  'source-set-up': { code: 'server_error', icon: 'cloud', remedy: 'write-to' },
  'source-unknown-person': { code: 'access_denied', icon: 'person', remedy: 'write-to' },

  'wrong-person': { code: 'access_denied', icon: 'person', remedy: 'other-account' },
  'offer-expired': { code: 'invalid_request', icon: 'clock', remedy: 'ask-new' },
  'offer-used': { code: 'invalid_request', icon: 'check', remedy: 'ask-new', good: true, second: true },
  'offer-used-up': { code: 'invalid_request', icon: 'cross', remedy: 'ask-issuer', second: true },
  'offer-withdrawn': { code: 'invalid_request', icon: 'back', remedy: 'ask-issuer', second: true },
  'offer-elsewhere': { code: 'invalid_request', icon: 'phone', remedy: 'ask-issuer', second: true },
  'offer-unknown': { code: 'invalid_request', icon: 'caution' },
  'issued-later': { icon: 'clock', good: true },

  'pin-wrong': { code: 'invalid_grant', icon: 'lock' },
  'pin-wrong-last': { code: 'invalid_grant', icon: 'lock' },
  'pin-burnt': { code: 'invalid_grant', icon: 'lock', remedy: 'ask-new' },
  'pin-not-asked': { code: 'invalid_request', icon: 'phone' },

  'another-browser': { code: 'invalid_request', icon: 'browser', remedy: 'start-here', second: true },
  'cookies-blocked': { code: 'invalid_request', icon: 'browser', remedy: 'try-again' },
  'in-app-browser': { code: 'invalid_request', icon: 'browser' },
  'wallet-blocked': { icon: 'phone', remedy: 'try-again' },
  'page-over': { code: 'invalid_request', icon: 'check' },
  'page-not-found': { code: 'invalid_request', icon: 'caution' },

  'consent-declined': { code: 'access_denied', icon: 'cross' },
  'wallet-not-trusted': { code: 'invalid_client', icon: 'phone' },
  'wallet-proof-expired': { code: 'invalid_client', icon: 'phone' },
  'wallet-too-old': { code: 'invalid_request', icon: 'phone' },
  'wallet-cannot-hold': { code: 'invalid_request', icon: 'phone' },
  'wallet-request': { code: 'invalid_request', icon: 'phone' },
  'wallet-waited': { code: 'invalid_request', icon: 'clock' },
  clock: { code: 'invalid_proof', icon: 'clock', remedy: 'try-again' },
  'copies-limit': { code: 'access_denied', icon: 'phone', remedy: 'ask-new' },

  'rate-limited': { code: 'temporarily_unavailable', icon: 'clock', remedy: 'try-again' },
  maintenance: { code: 'temporarily_unavailable', icon: 'clock' },
  unavailable: { code: 'temporarily_unavailable', icon: 'cloud', remedy: 'try-again' },
  'server-error': { code: 'server_error', icon: 'caution', remedy: 'try-again' },
  'tenant-unknown': { code: 'invalid_request', icon: 'caution' },
  'issuer-retired': { code: 'invalid_request', icon: 'back', remedy: 'write-to' },
}

import { OutboundError } from '../lib/exchange.ts'
import { type ErrorCode, ProtocolError } from '../protocol/errors.ts'

type Outcome = { code: ErrorCode; help: string; message: string; retryAfter?: number }

const unavailable: Outcome = {
  ...{ code: 'temporarily_unavailable', help: 'provider-unavailable', retryAfter: 60 },
  message: 'The identity provider is not available.',
}
const slow: Outcome = { ...unavailable, help: 'provider-slow', message: 'The identity provider is slow to answer.' }
const setUp: Outcome = {
  code: 'server_error',
  help: 'provider-set-up',
  message: 'The sign-in at the identity provider is not set up correctly.',
}
const denied = (help: string, message: string): Outcome => ({ code: 'access_denied', help, message })
const ended = (help: string, message: string): Outcome => ({ code: 'invalid_grant', help, message })
const foreign = denied('provider-answer', 'The answer of the identity provider does not belong to this sign-in.')
const noAccess = denied('sign-in-refused', 'The identity provider gives this account no access.')
const otherOrganisation = denied('other-organisation', 'The account belongs to another organisation.')
const notSignedIn = denied('sign-in-cancelled', 'The sign-in was not completed.')

/** What may go wrong upstream, by the id that stands in the operator's log: whether trying later, a person or a setting can mend it. */
const outcomes = {
  'idp-unreachable': unavailable,
  'idp-name-unknown': setUp,
  'idp-tls-untrusted': setUp,
  'idp-address-refused': setUp,
  'idp-slow': slow,
  'idp-discovery-status': setUp,
  'idp-discovery-not-json': setUp,
  'idp-issuer-mismatch': setUp,
  'idp-metadata-insufficient': setUp,
  'idp-throttled': unavailable,
  'idp-request-refused': setUp,
  'idp-par-required': setUp,
  'idp-par-refused': setUp,
  'idp-par-auth': setUp,
  'idp-request-object-required': setUp,
  'idp-scope-unknown': setUp,
  'idp-flow-off': setUp,
  'idp-realm-off': setUp,
  'idp-declined': notSignedIn,
  'idp-consent-required': noAccess,
  'idp-login-required': notSignedIn,
  'idp-session-restarted': denied('sign-in-expired', 'The sign-in took too long or was open twice.'),
  'idp-temporarily-unavailable': unavailable,
  'idp-not-assigned': noAccess,
  'idp-policy-blocked': noAccess,
  'idp-wrong-directory': otherOrganisation,
  'idp-broker-failed': setUp,
  'idp-error-other': setUp,
  'callback-state-unknown': foreign,
  'callback-wrong-provider': foreign,
  'callback-iss-missing': setUp,
  'callback-malformed': setUp,
  'idp-secret-wrong': setUp,
  'idp-secret-expired': setUp,
  'idp-client-unknown': setUp,
  'idp-assertion-refused': setUp,
  'idp-auth-method': setUp,
  'idp-code-refused': foreign,
  'idp-user-disabled': noAccess,
  'idp-dpop-refused': setUp,
  'idp-token-type': setUp,
  'idp-no-id-token': setUp,
  'id-token-signature': foreign,
  'id-token-key-missing': unavailable,
  'idp-keys-unavailable': unavailable,
  'id-token-alg': setUp,
  'id-token-iss': foreign,
  'id-token-aud': foreign,
  'id-token-nonce': foreign,
  'id-token-expired': foreign,
  'id-token-at-hash': foreign,
  'id-token-encrypted': setUp,
  'id-token-directory': otherOrganisation,
  'id-token-guest': denied('not-eligible', 'Guests of the directory are not let in.'),
  'id-token-impersonated': denied('not-eligible', 'An administrator is signed in as this account.'),
  'sign-in-too-old': denied('sign-in-too-old', 'The sign-in is older than this issuer asks for.'),
  'sign-in-too-weak': denied('stronger-sign-in', 'The sign-in is weaker than this issuer asks for.'),
  'userinfo-refused': setUp,
  'userinfo-subject': foreign,
  'userinfo-signature': foreign,
  'userinfo-failed': unavailable,
  'person-mismatch': denied('wrong-person', 'The offer is for another person.'),
  'email-unverified': denied('email-not-verified', 'The e-mail address of the account is not verified.'),
  'groups-overage': { ...setUp, help: 'too-many-groups', message: 'Not all groups of the account are known.' },
  'admin-api-denied': setUp,
  'admin-api-auth': setUp,
  'admin-api-refused': setUp,
  'admin-api-silent-empty': setUp,
  'admin-api-unavailable': { ...unavailable, help: 'source-unavailable', message: 'The directory is not available.' },
  'admin-api-user-missing': denied('source-unknown-person', 'The directory does not know this account.'),
  'refresh-account-ended': ended('sign-in-refused', 'The account has ended at the identity provider.'),
  'refresh-session-ended': ended('sign-in-expired', 'The identity provider wants the person to sign in again.'),
  'refresh-other-account': ended('provider-answer', 'The identity provider answers for another sign-in.'),
  'refresh-unavailable': { ...unavailable, message: 'The claims cannot be renewed at the moment.' },
} as const satisfies Record<string, Outcome>

export type FaultId = keyof typeof outcomes
/** What an operator needs to find the cause: names, codes and addresses of the provider, never a token, a claim or a secret. */
export type Facts = Record<string, string | number | boolean | readonly string[] | undefined>

/** The error for one fault; its `cause` is `{fault, …facts}`. */
export function fault(id: FaultId, facts: Facts = {}, retryAfter?: number): ProtocolError {
  const { message, ...outcome }: Outcome = outcomes[id]
  return new ProtocolError(outcome.code, message, {
    ...outcome,
    ...(retryAfter !== undefined && { retryAfter }),
    cause: { fault: id, ...facts },
  })
}

/** The first `ProtocolError` among an error and its causes. */
export function protocolErrorIn(error: unknown): ProtocolError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof ProtocolError) return at
  return undefined
}

/** A text of the provider as the log may show it: what looks like a name, an address, a number of a person or a token is left out. */
export const redacted = (text: string): string =>
  text
    .slice(0, 300)
    .replace(/[^\x20-\x7e]+/g, ' ')
    .replace(/\S*@\S*|['"][^'"]*['"]|[A-Za-z0-9_.~+/=-]{24,}|\d{6,}/g, '…')

const outbound = {
  address_refused: 'idp-address-refused',
  name_unknown: 'idp-name-unknown',
  timeout: 'idp-slow',
  tls: 'idp-tls-untrusted',
  unreachable: 'idp-unreachable',
} as const satisfies Record<Exclude<OutboundError['code'], 'too_large'>, FaultId>

/** The fault for a call that got no answer; `unreadable` is the one for an answer that never ends. */
export function faultOfCall(error: unknown, facts: Facts, unreadable: FaultId): ProtocolError {
  if (!(error instanceof OutboundError)) {
    return fault(error instanceof Error && error.name === 'TimeoutError' ? 'idp-slow' : 'idp-unreachable', facts)
  }
  // What the system says of a time-out is how we ended it.
  const isSaid = error.code !== 'timeout' && error.cause instanceof Error && 'code' in error.cause
  const { code } = isSaid ? (error.cause as NodeJS.ErrnoException) : error
  return fault(error.code === 'too_large' ? unreadable : outbound[error.code], {
    ...facts,
    host: error.host,
    reason: String(code),
  })
}

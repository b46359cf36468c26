import { ProtocolError } from '../protocol/errors.ts'

const badToken = (message: string) => ({ code: 'invalid_token', message }) as const
const outage = (message: string) => ({ code: 'temporarily_unavailable', message, retryAfter: 60 }) as const

/** What may be wrong with a token from elsewhere, or with the server it is from, by the id that stands in the operator's log. */
const outcomes = {
  'external-token-audience': badToken(
    'The access token is not meant for this credential issuer, or not from a server or a wallet that it takes.',
  ),
  'external-token-type': badToken('This is no access token; an ID token or a refresh token opens nothing here.'),
  'external-token-signature': badToken('The signature of the access token does not verify.'),
  'external-token-expired': badToken('The access token is not valid at this time.'),
  'external-token-malformed': badToken('A claim of the access token is missing or malformed.'),
  'external-token-inactive': badToken('The authorization server says that the access token is not active.'),
  'external-token-impersonated': badToken('Somebody else acts in the name of the person.'),
  'external-server-unavailable': outage('The authorization server is not available.'),
  'external-server-metadata': outage('The authorization server does not publish what is needed to check its tokens.'),
  'external-introspection-refused': outage('The authorization server does not let this issuer ask for its tokens.'),
  'external-userinfo-refused': outage('The authorization server does not answer for the person.'),
} as const

export type ExternalFault = keyof typeof outcomes
/** Names, codes and addresses; never a token, a claim's value or a secret. */
type Facts = Record<string, string | number | boolean | readonly string[] | undefined>

/** The error for one fault; its `cause` is `{fault, …facts}`. */
export function fault(id: ExternalFault, facts: Facts = {}): ProtocolError {
  const { code, message, ...outcome } = outcomes[id]
  return new ProtocolError(code, message, { ...outcome, cause: { fault: id, ...facts } })
}

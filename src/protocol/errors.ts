/** The specification's words for what went wrong, with the HTTP status a JSON endpoint answers them with. */
export const statusOf = {
  // RFC 6749 §4.1.2.1 and §5.2, RFC 7636, RFC 8707, RFC 9126, RFC 9396, RFC 9449
  invalid_request: 400,
  invalid_client: 401,
  invalid_grant: 400,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  unsupported_response_type: 400,
  invalid_scope: 400,
  invalid_target: 400,
  invalid_request_uri: 400,
  request_not_supported: 400,
  invalid_authorization_details: 400,
  access_denied: 403,
  server_error: 500,
  temporarily_unavailable: 503,
  invalid_dpop_proof: 400,
  use_dpop_nonce: 400,
  // OAuth 2.0 Attestation-Based Client Authentication §6.2
  use_attestation_challenge: 400,
  use_fresh_attestation: 400,
  invalid_client_attestation: 400,
  // RFC 6750 §3.1
  invalid_token: 401,
  insufficient_scope: 403,
  // OpenID4VCI §8.3.1.2
  invalid_credential_request: 400,
  unknown_credential_configuration: 400,
  unknown_credential_identifier: 400,
  invalid_proof: 400,
  invalid_nonce: 400,
  invalid_encryption_parameters: 400,
  credential_request_denied: 400,
  // OpenID4VCI §9.3 and §11.3
  invalid_transaction_id: 400,
  invalid_notification_id: 400,
  invalid_notification_request: 400,
  // Ours, for pages and the admin API
  not_found: 404,
  gone: 410,
  conflict: 409,
  method_not_allowed: 405,
  not_acceptable: 406,
  too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  rate_limited: 429,
  not_implemented: 501,
} as const

export type ErrorCode = keyof typeof statusOf

/** One mistake in a document: an RFC 6901 pointer to the field, and a sentence. */
export type Mistake = { pointer: string; detail: string; line?: number; column?: number }

type Options = {
  cause?: unknown
  help?: string
  /** What fills the braces of the help text: display names, never a value from an account. */
  fill?: Record<string, string>
  mistakes?: Mistake[]
  /** Seconds after which another try may succeed. */
  retryAfter?: number
  headers?: Record<string, string>
  /** The wallet's proven redirect URI with `error`, `state` and `iss`: the page's `back-to-wallet`. */
  backToWallet?: string
  /** Where the page's main button leads, to try the same thing again. */
  retryHref?: string
  /** The offer lives on until then. */
  openUntil?: Date
}

/** The id of the fault that an error's cause names, `{fault, …facts}`. */
export function faultOf(error: unknown): string | undefined {
  const { fault } = ((error instanceof ProtocolError && error.cause) || {}) as { fault?: unknown }
  return typeof fault === 'string' ? fault : undefined
}

/** What went wrong. How to say it (JSON, redirect, page, problem document) is for the edge that catches it. */
export class ProtocolError extends Error {
  readonly code: ErrorCode
  /** For the person: which sentence of http/pages/texts to show. */
  readonly help: string | undefined
  readonly fill: Record<string, string>
  readonly mistakes: Mistake[]
  readonly retryAfter: number | undefined
  readonly headers: Record<string, string>
  readonly backToWallet: string | undefined
  readonly retryHref: string | undefined
  readonly openUntil: Date | undefined
  /** The issuance session in which it happened, where that is known and no page tells it. */
  session: string | undefined

  /** `message` is for the developer of a wallet and never repeats a value from the request; `cause` is for the operator's log. */
  constructor(code: ErrorCode, message: string, options: Options = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'ProtocolError'
    this.code = code
    this.help = options.help
    this.fill = options.fill ?? {}
    this.mistakes = options.mistakes ?? []
    this.retryAfter = options.retryAfter
    this.headers = options.headers ?? {}
    this.backToWallet = options.backToWallet
    this.retryHref = options.retryHref
    this.openUntil = options.openUntil
  }
}

/** What stopped the wallet. It has a class of its own because its `code` is whatever word the other side sent. */
export class WalletError extends Error {
  /** The server's `error`, or one of ours: `invalid_offer`, `invalid_metadata`, `invalid_response`, `invalid_credential`. */
  readonly code: string

  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'WalletError'
    this.code = code
  }
}

/** The `Authorization` that a user name and a password make (RFC 7617 §2). */
export const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

const formEncoded = (text: string): string => new URLSearchParams({ text }).toString().slice('text='.length)

/** That of an OAuth client: both halves are encoded as in a form first (RFC 6749 §2.3.1). */
export const clientBasic = (id: string, secret: string): string => basic(formEncoded(id), formEncoded(secret))

/** Base64url without padding (RFC 7515 §2). */
export const encodeBase64url = (content: string | Buffer): string => Buffer.from(content).toString('base64url')

/** The bytes, or undefined if the text is anything but the one spelling of them: other letters, padding, loose bits. */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

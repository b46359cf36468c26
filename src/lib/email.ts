import { domainToASCII } from 'node:url'

/**
 * An e-mail address in the form in which two are compared: letters of ASCII in lower case, the domain as DNS has it (RFC 5891). Beyond that
 * nothing is folded, also not to NFC, which makes a K of the Kelvin sign: a look-alike is another mailbox. Undefined for what is no address.
 */
export function normaliseEmail(text: string): string | undefined {
  const at = text.lastIndexOf('@')
  const [local, domain] = [text.slice(0, at), domainToASCII(text.slice(at + 1))]
  if (at < 1 || domain === '' || text.length > 254 || /[\s\p{C}]/u.test(text)) return undefined
  return `${local.replace(/[A-Z]/g, (letter) => letter.toLowerCase())}@${domain}`
}

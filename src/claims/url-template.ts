import { isLoopback } from '../lib/addresses.ts'
import type { Sources } from '../model/claim-mapping.ts'
import type { Fault } from './short-form.ts'
import { type Parts, type Scalar, scalarAt } from './template.ts'

// Encoded or not, many a server takes these for steps of the path.
const stepsInPath = /[/\\%\p{Cc}]/u
const isDots = (segment: string) => /^(\.|%2e){1,2}$/i.test(segment)
const encode = (value: Scalar): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)

const hasDots = (url: string) => (url.split('?', 1)[0] ?? '').split('/').some(isDots)

/** A text with everything filled in, percent-encoded (RFC 3986 §2.1); undefined if something is empty or would change the path. */
export function fillUrl(parts: Parts, sources: Sources): URL | undefined {
  let text = ''
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part
      continue
    }
    const value = scalarAt(part, sources)
    if (value === undefined || (!text.includes('?') && stepsInPath.test(String(value)))) return undefined
    text += encode(value)
  }
  return hasDots(text) ? undefined : new URL(text)
}

/** What is wrong with a template as an address. */
export function urlFault(text: string, parts: Parts): Fault | undefined {
  if (!/^https?:\/\/[^/?#{}\\@\s]+(?=[/?]|$)/.test(text))
    return { detail: 'The address begins with https:// and a host, without a placeholder in them.', column: 1 }
  const sample = parts.map((part) => (typeof part === 'string' ? part : 'x')).join('')
  if (!URL.canParse(sample)) return { detail: 'This is no address.', column: 1 }
  if (/[#\\\s]/.test(sample) || hasDots(sample))
    return { detail: 'The address has no fragment, no blank and no steps such as ../ in it.', column: 1 }
  if (text.startsWith('http:') && !isLoopback(new URL(sample).hostname))
    return { detail: 'An address with http leads to this very machine only; use https.', column: 1 }
  return undefined
}

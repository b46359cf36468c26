import { limits } from './fit.ts'
import { Unusable } from './unusable.ts'

/** Kinds of images by the bytes that they begin with. JPEG 2000: ISO/IEC 15444-1 Annex I, or its bare code stream. */
const kinds = {
  jpeg: { mediaType: 'image/jpeg', begins: ['ffd8ff'] },
  png: { mediaType: 'image/png', begins: ['89504e470d0a1a0a'] },
  jpeg2000: { mediaType: 'image/jp2', begins: ['0000000c6a5020200d0a870a', 'ff4fff51'] },
} as const
export type ImageKind = keyof typeof kinds

const encoded = /^(?:data:[^,]{1,100};base64,)?([A-Za-z0-9+/_-]+)(={0,2})$/

/**
 * An image in base64 or base64url, bare or as a data URI, as a data URI of its true type. Throws `Unusable` for what is no image of these
 * kinds or has more bytes.
 */
export function readImage(value: unknown, allowed: readonly ImageKind[], mostBytes: number): string {
  const wanted = `an image (${allowed.join(', ')}) of at most ${mostBytes} bytes in base64 or a data URI`
  if (typeof value !== 'string' || value.length > limits.dataUri) throw new Unusable(wanted)
  // Mail and certificates break base64 into lines.
  const [, data = ''] = encoded.exec(value.replaceAll(/\s/g, '')) ?? []
  const beginning = Buffer.from(data.slice(0, 32), 'base64').toString('hex')
  const kind = allowed.find((name) => kinds[name].begins.some((bytes) => beginning.startsWith(bytes)))
  if (!kind || Math.floor((data.length * 3) / 4) > mostBytes) throw new Unusable(wanted)
  const standard = data.replaceAll('-', '+').replaceAll('_', '/')
  return `data:${kinds[kind].mediaType};base64,${standard}${'='.repeat((4 - (standard.length % 4)) % 4)}`
}

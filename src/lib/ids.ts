import { uuidv7 } from './secrets.ts'

/** The type that an id shows outside. */
export type IdPrefix = 'off' | 'ses' | 'crd' | 'dfr' | 'evt' | 'tsi'

type Needs = { clock: () => Date; random: (bytes: number) => Buffer }

/** A new id: a UUIDv7, bare. */
export const newId = ({ clock, random }: Needs): string => uuidv7(clock(), random)

/** A new secret of 256 bits in base64url: a token, a code, a handle. */
export const newSecret = ({ random }: Pick<Needs, 'random'>): string => random(32).toString('base64url')

/** `off_0197…`: how an id is written outside. */
export const outward = (prefix: IdPrefix, id: string): string => `${prefix}_${id}`

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The bare id, or undefined if the text is no id of this type. */
export function inward(prefix: IdPrefix, text: string): string | undefined {
  const id = text.startsWith(`${prefix}_`) ? text.slice(prefix.length + 1) : ''
  return uuid.test(id) ? id : undefined
}

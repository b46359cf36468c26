import { after } from '../lib/time.ts'
import type { StoredSigningKey } from '../store/signing-key-row.ts'
import { daySeconds } from './x509.ts'

type Dated = Pick<
  StoredSigningKey,
  'name' | 'algorithm' | 'generation' | 'activatesAt' | 'longestSeconds' | 'revokedAt'
>
export type KeyState = 'published' | 'active' | 'retired' | 'revoked'

/** So long wallets and verifiers may keep a key set or metadata (`max-age`). */
export const publishedSeconds = 300
/** A new generation is published for that time before it signs, and a minute longer: nodes learn of it within 2 s, and their clocks differ. */
export const overlapSeconds = publishedSeconds + 60

const sameKey = (one: Dated, other: Dated) => one.name === other.name && one.algorithm === other.algorithm

/** When a generation ceases to sign: as soon as a later one does. Undefined: there is none. */
export function retiresAt(key: Dated, keys: readonly Dated[]): Date | undefined {
  const later = keys.filter((other) => sameKey(key, other) && other.generation > key.generation)
  return later.length === 0 ? undefined : new Date(Math.min(...later.map(({ activatesAt }) => activatesAt.getTime())))
}

/** Until when verifiers may need it: the last credential that it signed has expired, and a day has passed. */
export function publishedUntil(key: Dated, keys: readonly Dated[]): Date | undefined {
  if (key.revokedAt) return key.revokedAt
  const retired = retiresAt(key, keys)
  return retired && after(retired, key.longestSeconds + daySeconds)
}

/** The generation that signs at `now`. Where a clock is behind the one that made the first, that one. */
export function activeGeneration<Key extends Dated>(
  { name, algorithm }: Pick<Dated, 'name' | 'algorithm'>,
  keys: readonly Key[],
  now: Date,
): Key | undefined {
  const sound = keys.filter((key) => key.name === name && key.algorithm === algorithm && !key.revokedAt)
  const begun = sound.filter(({ activatesAt }) => activatesAt <= now)
  const newest = (all: Key[]) => all.toSorted((a, b) => b.generation - a.generation)
  return newest(begun)[0] ?? newest(sound).at(-1)
}

export function stateOf<Key extends Dated>(key: Key, keys: readonly Key[], now: Date): KeyState {
  if (key.revokedAt) return 'revoked'
  const active = activeGeneration(key, keys, now)
  if (active === key) return 'active'
  return active !== undefined && active.generation > key.generation ? 'retired' : 'published'
}

/** Whether key sets show it at `now`. */
export function isPublished(key: Dated, keys: readonly Dated[], now: Date): boolean {
  const until = publishedUntil(key, keys)
  return until === undefined || now < until
}

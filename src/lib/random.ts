import { randomFillSync } from 'node:crypto'

const poolBytes = 4096

/**
 * Random bytes of the system's generator. It is asked for a few thousand at a time, since asking costs more than they do; each is
 * given out once and is gone from the pool then.
 */
export function makeRandom(): (bytes: number) => Buffer {
  const pool = Buffer.alloc(poolBytes)
  let used = poolBytes
  return (bytes) => {
    if (bytes > poolBytes / 8) return randomFillSync(Buffer.alloc(bytes))
    if (used + bytes > poolBytes) {
      randomFillSync(pool)
      used = 0
    }
    const drawn = Buffer.from(pool.subarray(used, used + bytes))
    pool.fill(0, used, used + bytes)
    used += bytes
    return drawn
  }
}

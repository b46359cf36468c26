import { createHmac, type KeyObject } from 'node:crypto'

const rounds = 10

/**
 * A permutation of 0 to `size` - 1 that only the key tells from a random one: a Feistel network over the smallest even number of bits
 * that holds them, walked on until it is back within the size. Places handed out one after the other are so in no order to see.
 */
export function makePermutation(key: KeyObject, size: number): (position: number) => number {
  const half = Math.max(1, Math.ceil(Math.ceil(Math.log2(size)) / 2))
  const mask = 2 ** half - 1
  const input = Buffer.alloc(5)

  const round = (number: number, right: number): number => {
    input[0] = number
    input.writeUInt32BE(right, 1)
    return createHmac('sha256', key).update(input).digest().readUInt32BE() & mask
  }
  const shuffle = (value: number): number => {
    let [left, right] = [value >>> half, value & mask]
    for (let number = 0; number < rounds; number++) [left, right] = [right, left ^ round(number, right)]
    return ((left << half) | right) >>> 0
  }

  return (position) => {
    if (!Number.isInteger(position) || position < 0 || position >= size)
      throw new RangeError('There is no such position')
    let index = shuffle(position)
    while (index >= size) index = shuffle(index)
    return index
  }
}

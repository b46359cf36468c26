import test from 'ava'
import { makeRandom } from '../../src/lib/random.ts'

test('random bytes are as many as asked for, and no two draws are the same, from one pool to the next', (t) => {
  const random = makeRandom()
  for (const bytes of [0, 1, 16, 511, 512, 513, 4096, 10_000]) t.is(random(bytes).length, bytes)
  const drawn = Array.from({ length: 2000 }, () => random(16).toString('hex'))
  t.is(new Set(drawn).size, 2000)
})

test('what was drawn stays as it is when more is drawn', (t) => {
  const random = makeRandom()
  const first = random(32)
  const copy = Buffer.from(first)
  for (let draws = 0; draws < 1000; draws++) random(32)
  t.deepEqual(first, copy)
})

test('every bit of a draw is set about half of the time', (t) => {
  const random = makeRandom()
  const counts = new Array<number>(128).fill(0)
  for (let draws = 0; draws < 4000; draws++) {
    for (const [at, byte] of random(16).entries()) {
      for (let bit = 0; bit < 8; bit++) counts[at * 8 + bit]! += (byte >> bit) & 1
    }
  }
  for (const count of counts) t.true(count > 1700 && count < 2300, `${count} of 4000`)
})

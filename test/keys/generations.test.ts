import test from 'ava'
import {
  activeGeneration,
  isPublished,
  overlapSeconds,
  publishedSeconds,
  publishedUntil,
  retiresAt,
  stateOf,
} from '../../src/keys/generations.ts'

const at = (minutes: number) => new Date(Date.UTC(2026, 10, 24, 12, minutes))
const key = (generation: number, minutes: number, more: { longestSeconds?: number; revokedAt?: Date } = {}) => ({
  name: 'default',
  algorithm: 'ES256' as const,
  generation,
  activatesAt: at(minutes),
  longestSeconds: 3600,
  revokedAt: undefined,
  ...more,
})
const wanted = { name: 'default', algorithm: 'ES256' as const }

test('a new generation is published longer than anyone keeps the key set, and only then signs', (t) => {
  t.true(overlapSeconds > publishedSeconds)
  const keys = [key(1, 0), key(2, 10)]
  const states = (minutes: number) => keys.map((one) => stateOf(one, keys, at(minutes)))
  t.deepEqual(states(9), ['active', 'published'])
  t.is(activeGeneration(wanted, keys, at(9)), keys[0])
  t.deepEqual(states(10), ['retired', 'active'])
  t.is(activeGeneration(wanted, keys, at(10)), keys[1])
})

test('one that has ceased to sign is published until its last credential has expired, and a day', (t) => {
  const keys = [key(1, 0), key(2, 10)]
  const until = at(10 + 60 + 24 * 60)
  t.deepEqual(retiresAt(keys[0]!, keys), at(10))
  t.deepEqual(publishedUntil(keys[0]!, keys), until)
  t.true(isPublished(keys[0]!, keys, new Date(until.getTime() - 1)))
  t.false(isPublished(keys[0]!, keys, until))
  t.is(publishedUntil(keys[1]!, keys), undefined)
})

test('a revoked one is gone at once, and the next one signs', (t) => {
  const keys = [key(1, 0, { revokedAt: at(5) }), key(2, 60, { revokedAt: at(5) }), key(3, 5)]
  t.deepEqual(
    keys.map((one) => [stateOf(one, keys, at(5)), isPublished(one, keys, at(5))]),
    [
      ['revoked', false],
      ['revoked', false],
      ['active', true],
    ],
  )
})

test('a node whose clock is behind signs with the first generation, or with the one that stands in for revoked ones', (t) => {
  const first = [key(1, 1)]
  t.is(activeGeneration(wanted, first, at(0)), first[0])
  const keys = [key(1, 0, { revokedAt: at(5) }), key(2, 5)]
  t.is(activeGeneration(wanted, keys, at(4)), keys[1])
})

test('keys of other names and algorithms are none of its business', (t) => {
  const keys = [key(1, 0), { ...key(2, 0), name: 'other' }, { ...key(3, 0), algorithm: 'ES384' as const }]
  t.is(activeGeneration(wanted, keys, at(1)), keys[0])
  t.is(retiresAt(keys[0]!, keys), undefined)
  t.is(activeGeneration({ ...wanted, name: 'none' }, keys, at(1)), undefined)
})

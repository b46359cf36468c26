import { gunzipSync, inflateSync } from 'node:zlib'
import { StatusList } from '@sd-jwt/jwt-status-list'
import test from 'ava'
import fc from 'fast-check'
import { bitstringBytes, compressTokenList, encodeBitstring, tokenListBytes } from '../../src/status/encode.ts'

const placesOf = (entries: number[]) => {
  const at = (value: number) => entries.flatMap((entry, index) => (entry === value ? [index] : []))
  return { invalid: at(1), suspended: at(2) }
}

test('TSL-1, Token Status List §4.1: entries of two bits fill a byte from its least significant bit, as in the draft', (t) => {
  // The draft's example [1,2,0,3,0,1,0,1,1,2,3,3] without its three application-specific entries.
  const bytes = tokenListBytes(12, placesOf([1, 2, 0, 0, 0, 1, 0, 1, 1, 2, 0, 0]))
  t.is(bytes.toString('hex'), '094409')
  const whole = Buffer.from('c944f9', 'hex')
  t.deepEqual(Buffer.from(bytes.map((byte, at) => byte | [0xc0, 0, 0xf0][at]!)), whole)
})

test('Token Status List §4.1: lst is zlib at the highest level, as in the examples of the draft', async (t) => {
  // Their b9 a3 are sixteen entries of one bit, or eight of two: 1, 2, 3, 2, 3, 0, 2, 2. A 3 is both bits.
  const places = { invalid: [0, 2, 4], suspended: [1, 2, 3, 4, 6, 7] }
  t.is(tokenListBytes(8, places).toString('hex'), 'b9a3')
  const lst = await compressTokenList(2 ** 20, placesOf([1, 2]))
  t.is(lst.subarray(0, 2).toString('hex'), '78da', 'the head that zlib writes at level 9')
  t.is(inflateSync(lst).length, 2 ** 18)
  t.is(inflateSync(Buffer.from('eNrbuRgAAhcBXQ', 'base64url')).toString('hex'), 'b9a3')
})

test('Token Status List §4.1: another library reads every entry of every list', async (t) => {
  await t.notThrowsAsync(
    fc.assert(
      fc.asyncProperty(
        fc
          .array(fc.constantFrom(0, 1, 2), { minLength: 4, maxLength: 200 })
          .map((entries) => entries.slice(0, entries.length & ~3)),
        async (entries) => {
          const lst = (await compressTokenList(entries.length, placesOf(entries))).toString('base64url')
          const list = StatusList.decompressStatusList(lst, 2)
          return entries.every((entry, index) => list.getStatus(index) === entry)
        },
      ),
      { numRuns: 50 },
    ),
  )
})

test('BSL-2, Bitstring Status List §3.2: the first entry is the leftmost bit, in 131072 entries at least', async (t) => {
  const bits = bitstringBytes(64, [0, 9, 63])
  t.is(bits.length, 16 * 1024)
  t.is(bits.subarray(0, 8).toString('hex'), '8040000000000001')
  const encoded = await encodeBitstring(64, [0, 9, 63])
  t.is(encoded[0], 'u', 'multibase')
  t.deepEqual(gunzipSync(Buffer.from(encoded.slice(1), 'base64url')), bits)
  t.notRegex(encoded, /=/)
  t.is(bitstringBytes(2 ** 20, []).length, 2 ** 17)
})

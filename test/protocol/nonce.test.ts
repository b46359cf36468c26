import { randomBytes } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { mintNonce, readNonce } from '../../src/protocol/nonce.ts'

const now = new Date('2026-11-24T12:00:00Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const key = randomBytes(32)
const minting = {
  key,
  keyId: 'k1',
  purpose: 'c_nonce' as const,
  issuerId: 'iss_1',
  now,
  lifetimeSeconds: 300,
  random: randomBytes,
}
const reading = {
  keys: (keyId: string) => (keyId === 'k1' ? key : undefined),
  purpose: 'c_nonce' as const,
  issuerId: 'iss_1',
  now,
}

test('VCI-58, VCI-60: a nonce is good on every node that has the key, until it expires', (t) => {
  const nonce = mintNonce(minting)
  t.is(readNonce(nonce, reading), 'ok')
  t.is(readNonce(nonce, { ...reading, now: later(299) }), 'ok')
  t.is(readNonce(nonce, { ...reading, now: later(300) }), 'expired')
})

test('VCI-58: nonces are unpredictable: two of one second have nothing random in common', (t) => {
  t.not(mintNonce(minting), mintNonce(minting))
  const asked: number[] = []
  const random = (bytes: number) => {
    asked.push(bytes)
    return randomBytes(bytes)
  }
  mintNonce({ ...minting, random })
  t.deepEqual(asked, [16])
})

test('VCI-60: a nonce of another issuer, purpose or key is invalid, and so is one that was changed', (t) => {
  const nonce = mintNonce(minting)
  t.is(readNonce(nonce, { ...reading, issuerId: 'iss_2' }), 'invalid')
  t.is(readNonce(nonce, { ...reading, purpose: 'dpop' }), 'invalid')
  t.is(readNonce(nonce, { ...reading, keys: () => randomBytes(32) }), 'invalid')
  t.is(readNonce(nonce, { ...reading, keys: () => undefined }), 'invalid')
  for (let at = 0; at < nonce.length; at += 1) {
    const changed = nonce.slice(0, at) + (nonce[at] === 'A' ? 'B' : 'A') + nonce.slice(at + 1)
    t.is(readNonce(changed, reading), 'invalid', `position ${at}`)
  }
})

test('VCI-60: a nonce has one spelling, so that a used one cannot come back in another', (t) => {
  const nonce = mintNonce(minting)
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const spellings = [...letters].map((last) => nonce.slice(0, -1) + last)
  t.deepEqual(
    spellings.filter((text) => readNonce(text, reading) === 'ok'),
    [nonce],
  )
  for (const text of [`${nonce}=`, `${nonce} `, ` ${nonce}`, `${nonce}\n`, nonce.toUpperCase()]) {
    t.is(readNonce(text, reading), 'invalid')
  }
})

test('RFC 9449 §8.1: a nonce has only letters that a DPoP-Nonce header may hold', (t) => {
  t.regex(mintNonce({ ...minting, purpose: 'dpop' }), /^[\x21\x23-\x5b\x5d-\x7e]+$/)
})

test('VCI-97: hostile text is an invalid nonce and nothing else', (t) => {
  const parts = fc.array(fc.oneof(fc.string(), fc.constantFrom('1', 'k1', '__proto__')), { maxLength: 5 })
  fc.assert(fc.property(parts, (texts) => readNonce(texts.join('.'), reading) === 'invalid'))
  t.pass()
})

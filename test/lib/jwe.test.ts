import { createCipheriv, createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, hash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import test from 'ava'
import { CompactEncrypt, importJWK } from 'jose'
import { decryptJwe, encryptJwe, InvalidJwe } from '../../src/lib/jwe.ts'
import type { Jwk } from '../../src/lib/jwk.ts'
import { makeKey } from '../../src/wallet/keys.ts'

// RFC 7518 Appendix C: the ephemeral key of Alice, the key of Bob.
const alice = {
  kty: 'EC',
  crv: 'P-256',
  x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0',
  y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
}
const bob = {
  kty: 'EC',
  crv: 'P-256',
  x: 'weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ',
  y: 'e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck',
}
const d = { alice: '0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo', bob: 'VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw' }
const bobPrivate = { ...bob, d: d.bob, kid: 'bob' }

/** RFC 7518 §4.6.2 by hand: one round of the Concat KDF, for no key here is longer than a hash. */
function derive(
  mine: Jwk,
  theirs: Jwk,
  { enc, apu = '', apv = '' }: { enc: string; apu?: string; apv?: string },
): Buffer {
  const secret = diffieHellman({
    privateKey: createPrivateKey({ key: mine, format: 'jwk' }),
    publicKey: createPublicKey({ key: theirs, format: 'jwk' }),
  })
  const bits = enc === 'A128GCM' ? 128 : 256
  const number = (value: number) => Buffer.from([0, 0, value >> 8, value & 255])
  const counted = (bytes: Buffer) => [number(bytes.length), bytes]
  const parties = [apu, apv].flatMap((party) => counted(Buffer.from(party, 'base64url')))
  const input = Buffer.concat([number(1), secret, ...counted(Buffer.from(enc)), ...parties, number(bits)])
  return hash('sha256', input, 'buffer').subarray(0, bits / 8)
}

/** A compact JWE over exactly these members. */
function sealByHand(header: Record<string, unknown>, key: Buffer, plaintext: Buffer): string {
  const named = Buffer.from(JSON.stringify(header)).toString('base64url')
  const iv = Buffer.alloc(12, 7)
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, iv).setAAD(Buffer.from(named))
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return [named, '', ...[iv, text, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.')
}

const find = (kid: string) => (kid === 'bob' ? bobPrivate : undefined)
const base = { alg: 'ECDH-ES', enc: 'A128GCM', kid: 'bob', epk: alice }

test('RFC 7518 Appendix C: what was encrypted with the key of the example opens', async (t) => {
  const header = { ...base, apu: 'QWxpY2U', apv: 'Qm9i' }
  const key = derive({ ...alice, d: d.alice }, bob, header)
  t.is(key.toString('base64url'), 'VqqN6vgjbSBcIijNcacQGg')
  t.is(await decryptJwe(sealByHand(header, key, Buffer.from('{"a":"ü"}')), find, 1000), '{"a":"ü"}')
})

for (const enc of ['A128GCM', 'A256GCM'] as const) {
  for (const zip of [undefined, 'DEF'] as const) {
    test(`RFC 7516 §5.1, RFC 7518 §4.6: ${enc}${zip ? ' with DEF' : ''} opens by the rules alone`, async (t) => {
      const jwe = await encryptJwe('{"a":"ü"}', { jwk: { ...bob, kid: 'bob' }, enc, zip })
      const [named = '', sealedKey, iv = '', text = '', tag = ''] = jwe.split('.')
      t.is(sealedKey, '', 'direct key agreement has no encrypted key')
      const header = JSON.parse(Buffer.from(named, 'base64url').toString())
      t.like(header, { alg: 'ECDH-ES', enc, kid: 'bob', zip })
      const key = derive(bobPrivate, header.epk, header)
      const [nonce, sealed, mark] = [iv, text, tag].map((part) => Buffer.from(part, 'base64url')) as [
        Buffer,
        Buffer,
        Buffer,
      ]
      const decipher = createDecipheriv(enc === 'A128GCM' ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce)
      decipher.setAAD(Buffer.from(named)).setAuthTag(mark)
      const plaintext = Buffer.concat([decipher.update(sealed), decipher.final()])
      t.is((zip ? inflateRawSync(plaintext) : plaintext).toString(), '{"a":"ü"}')
      t.is(await decryptJwe(jwe, find, 1000), '{"a":"ü"}')
    })
  }
}

test('RFC 7518 §4.6: a key on P-384 is encrypted to as well; a key without kid adds none', async (t) => {
  const { jwk } = makeKey('ES384')
  const jwe = await encryptJwe('{}', { jwk, enc: 'A256GCM', zip: undefined })
  const header = JSON.parse(Buffer.from(jwe.split('.')[0]!, 'base64url').toString())
  t.is(header.epk.crv, 'P-384')
  t.false(Object.hasOwn(header, 'kid'))
})

const key = derive({ ...alice, d: d.alice }, bob, base)
/** A JWE that is right in itself. */
const sealOtherwise = async ({ alg, enc, kid }: Record<'alg' | 'enc' | 'kid', string>) =>
  new CompactEncrypt(Buffer.from('{}')).setProtectedHeader({ alg, enc, kid }).encrypt(await importJWK(bob, alg))

test('RFC 7516 §5.2: what is not exactly as it should be does not open', async (t) => {
  const refused: Record<string, string> = {
    'no text': '',
    'no JWE': 'nonsense',
    'four parts': 'e30.e30.e30.e30',
    'another alg': await sealOtherwise({ ...base, alg: 'ECDH-ES+A256KW' }),
    'the alg dir': sealByHand({ ...base, alg: 'dir' }, key, Buffer.from('{}')),
    'another enc': await sealOtherwise({ ...base, enc: 'A192GCM' }),
    'an unknown kid': sealByHand({ ...base, kid: 'eve' }, key, Buffer.from('{}')),
    'a kid that is no text': sealByHand({ ...base, kid: 1 }, key, Buffer.from('{}')),
    'a crit that nobody knows': sealByHand({ ...base, crit: ['x'], x: 1 }, key, Buffer.from('{}')),
    'another zip': sealByHand({ ...base, zip: 'GZIP' }, key, Buffer.from('{}')),
    'an epk on another curve': sealByHand({ ...base, epk: makeKey('ES384').jwk }, key, Buffer.from('{}')),
    'an epk off its curve': sealByHand({ ...base, epk: { ...alice, x: bob.x } }, key, Buffer.from('{}')),
    'a broken tag': `${sealByHand(base, key, Buffer.from('{}')).slice(0, -4)}AAAA`,
  }
  t.is(await decryptJwe(sealByHand(base, key, Buffer.from('{}')), find, 1000), '{}')
  for (const [name, jwe] of Object.entries(refused)) {
    const error = await t.throwsAsync(decryptJwe(jwe, find, 1000), { instanceOf: InvalidJwe }, name)
    t.notRegex(String(error?.message), /eve|GZIP|A192GCM/, 'it repeats nothing')
  }
})

test('RFC 8725 §3.6, VCI-89: what is compressed opens up to the limit and not past it', async (t) => {
  const compressed = (bytes: number) =>
    sealByHand({ ...base, zip: 'DEF' }, key, deflateRawSync(Buffer.alloc(bytes, 'a')))
  t.is((await decryptJwe(compressed(1000), find, 1000)).length, 1000)
  await t.throwsAsync(decryptJwe(compressed(1001), find, 1000), { instanceOf: InvalidJwe })
})

import { generateKeyPairSync, sign, verify } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { decodeBase64url, encodeBase64url } from '../../src/lib/base64url.ts'
import { InvalidJws, publicKeyOf, publicMembers, thumbprint, withRawSignatures } from '../../src/lib/jwk.ts'
import { decodeJws, verifyJws } from '../../src/lib/jws.ts'
import { makeKey, signJwt } from '../../src/wallet/keys.ts'

const es256 = {
  jws: 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
  jwk: {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
  },
}

test('RFC 7515 §A.3: the published ES256 example verifies, and no longer when a bit of it is another', (t) => {
  const decoded = decodeJws(es256.jws)
  t.is(decoded.payload.iss, 'joe')
  t.notThrows(() => verifyJws(decoded, es256.jwk, ['ES256']))
  const flipped = { ...decoded, signature: Buffer.from(decoded.signature) }
  flipped.signature[0]! ^= 1
  t.throws(() => verifyJws(flipped, es256.jwk, ['ES256']), { instanceOf: InvalidJws, message: /signature/ })
  for (const signature of [
    Buffer.alloc(0),
    decoded.signature.subarray(1),
    Buffer.concat([decoded.signature, Buffer.alloc(1)]),
  ]) {
    t.throws(() => verifyJws({ ...decoded, signature }, es256.jwk, ['ES256']), { message: /signature/ })
  }
  t.throws(() => verifyJws({ ...decoded, signingInput: `${decoded.signingInput}A` }, es256.jwk, ['ES256']))
})

test('RFC 8037 §A.3, RFC 9449 §6.1: thumbprints are those that the specifications print', (t) => {
  const okp = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }
  t.is(thumbprint(okp), 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
  const ec = {
    y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
    x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
    kty: 'EC',
    kid: 'a kid does not count',
    crv: 'P-256',
  }
  t.is(thumbprint(ec), '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')
})

test('RFC 7518 §3.4, RFC 8037 §3.1: ES256, ES384 and Ed25519 verify, each only with a key of its curve', (t) => {
  const keys = (['ES256', 'ES384', 'EdDSA'] as const).map((algorithm) => makeKey(algorithm))
  for (const key of keys) {
    const jws = decodeJws(signJwt(key, { alg: key.algorithm }, {}))
    t.notThrows(() => verifyJws(jws, key.jwk, ['ES256', 'ES384', 'EdDSA']), key.algorithm)
    for (const other of keys.filter((one) => one !== key)) {
      t.throws(() => verifyJws(jws, other.jwk, ['ES256', 'ES384', 'EdDSA']), { message: /does not fit/ })
    }
  }
})

test('RFC 8725 §3.1: none, HMAC and algorithms that the caller does not list are refused, whatever is signed', (t) => {
  const key = makeKey()
  for (const alg of ['none', 'HS256', 'RS256', 'toString', 'es256', '', 7, null, ['ES256'], undefined]) {
    const jws = decodeJws(signJwt(key, { alg }, {}))
    t.throws(
      () => verifyJws(jws, key.jwk, ['ES256', 'none', 'HS256', 'toString']),
      { message: /not accepted/ },
      String(alg),
    )
  }
  t.throws(() => verifyJws(decodeJws(signJwt(key, { alg: 'ES256' }, {})), key.jwk, ['ES384']), { message: /alg/ })
})

test('RFC 7515 §4.1.11: a JWS with critical extensions is refused', (t) => {
  const key = makeKey()
  const jws = decodeJws(signJwt(key, { alg: 'ES256', crit: ['b64'], b64: false }, {}))
  t.throws(() => verifyJws(jws, key.jwk, ['ES256']), { message: /critical/ })
})

test('RFC 5480 §2, RFC 8410 §4: of every curve the key is the one that its JWK says, and its signatures are raw', (t) => {
  const ec = ['P-256', 'P-384', 'P-521'].map((namedCurve) => generateKeyPairSync('ec', { namedCurve }))
  for (const { publicKey, privateKey } of [...ec, generateKeyPairSync('ed25519')]) {
    const jwk = { ...publicKey.export({ format: 'jwk' }) }
    t.true(publicKeyOf(jwk).equals(publicKey), String(jwk.crv))
    const digest = jwk.kty === 'EC' ? 'sha512' : null
    const signature = sign(digest, Buffer.from('text'), withRawSignatures(privateKey))
    t.is(signature.length, 2 * Buffer.from(String(jwk.x), 'base64url').length)
    t.true(verify(digest, Buffer.from('text'), publicKeyOf(jwk), signature))
  }
})

test('RFC 7518 §6.2: a key that is private, symmetric, off its curve or oddly written is refused', (t) => {
  const { jwk } = es256
  const zero = 'A'.repeat(43)
  const keys: [Record<string, unknown>, RegExp][] = [
    [{ ...jwk, d: 'AAAA' }, /private/],
    [{ ...jwk, k: 'AAAA' }, /private/],
    [{ ...makeKey().privateKey.export({ format: 'jwk' }) }, /private/],
    [{ kty: 'oct', k: 'AAAA' }, /private/],
    [{ ...jwk, kty: 'OKP' }, /kind/],
    [{ ...jwk, crv: 'secp256k1' }, /kind/],
    [{ crv: 'constructor' }, /kind/],
    [{}, /kind/],
    [{ ...jwk, x: zero, y: zero }, /curve/],
    [{ ...jwk, x: `${jwk.x}=` }, /length/],
    [{ ...jwk, x: `AAAA${jwk.x}` }, /length/],
    [{ kty: 'EC', crv: 'P-256', x: jwk.x }, /length/],
  ]
  for (const [key, message] of keys) {
    t.throws(() => verifyJws(decodeJws(es256.jws), key, ['ES256']), { instanceOf: InvalidJws, message })
  }
})

test('VCI-127: of a key only its public members are kept, and nothing to follow a wallet by', (t) => {
  const { jwk } = makeKey()
  t.deepEqual(publicMembers({ ...jwk, kid: 'did:example:person', use: 'sig', own: 1 }), {
    crv: 'P-256',
    kty: 'EC',
    x: jwk.x,
    y: jwk.y,
  })
})

test('RFC 7515 §2, §7.1: what is not three parts of strict base64url and JSON objects is no JWT', (t) => {
  const [header, payload, signature] = es256.jws.split('.') as [string, string, string]
  const part = (text: string | Buffer) => encodeBase64url(text)
  const texts = [
    '',
    '..',
    `${header}.${payload}`,
    `${es256.jws}.`,
    `${es256.jws}, ${es256.jws}`,
    `${header}=.${payload}.${signature}`,
    `${header}.${payload}.${signature.slice(0, -1)}R`,
    `${header}.${payload}.+${signature.slice(1)}`,
    `${part('[]')}.${payload}.${signature}`,
    `${part('null')}.${payload}.${signature}`,
    `${header}.${part('"text"')}.${signature}`,
    `${header}.${part(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))}.${signature}`,
    `${header}.${part('\ufeff{}')}.${signature}`,
  ]
  for (const text of texts) t.throws(() => decodeJws(text), { instanceOf: InvalidJws }, text)
  t.throws(() => decodeJws(es256.jws, 100), { message: /too long/ })
  t.throws(() => decodeJws('a'.repeat(20_000)), { message: /too long/ })
})

test('RFC 7515 §2: content has one spelling, and hostile text makes nothing but InvalidJws', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      const text = encodeBase64url(Buffer.from(bytes))
      return decodeBase64url(text)?.equals(bytes) === true && decodeBase64url(`${text}=`) === undefined
    }),
  )
  const part = fc.oneof(fc.string(), fc.json().map(encodeBase64url))
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), fc.object(), (parts, key) => {
      try {
        verifyJws(decodeJws(parts.join('.')), key, ['ES256'])
        return false
      } catch (error) {
        return error instanceof InvalidJws
      }
    }),
  )
  t.pass()
})

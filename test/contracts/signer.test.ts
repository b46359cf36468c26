import { createPublicKey, verify } from 'node:crypto'
import test from 'ava'
import { compactVerify, importJWK } from 'jose'
import { keyStores } from '../../src/keys/index.ts'

const digests = { ES256: 'sha256', ES384: 'sha384', EdDSA: null }
const signatureBytes = { ES256: 64, ES384: 96, EdDSA: 64 }

for (const [kind, store] of keyStores) {
  test(`${kind}: HAIP-32: the store has ES256`, (t) => t.true(store.algorithms.includes('ES256')))

  for (const algorithm of store.algorithms) {
    test(`${kind}, ${algorithm}: RFC 7518 §3.4: others verify what it signs with the key it shows`, async (t) => {
      const { secret, publicJwk } = await store.generate(algorithm)
      const signer = await store.open({ keyId: 'k1', algorithm, secret, certificateChain: ['AAAA'] })
      t.like(signer, { keyId: 'k1', algorithm, certificateChain: ['AAAA'] })
      t.like(signer.publicJwk, { ...publicJwk, kid: 'k1', use: 'sig', alg: algorithm })

      const bytes = Buffer.from('{"some":"bytes"}')
      const signature = await signer.sign(bytes)
      t.is(signature.length, signatureBytes[algorithm])
      const key = createPublicKey({ key: publicJwk, format: 'jwk' })
      t.true(verify(digests[algorithm], bytes, { key, dsaEncoding: 'ieee-p1363' }, signature))

      const input = `${Buffer.from(JSON.stringify({ alg: algorithm })).toString('base64url')}.e30`
      const jws = `${input}.${(await signer.sign(Buffer.from(input))).toString('base64url')}`
      await t.notThrowsAsync(compactVerify(jws, await importJWK(signer.publicJwk, algorithm)))
    })

    test(`${kind}, ${algorithm}: RFC 7517 §9.2: it shows nothing of its private key, and no two are one`, async (t) => {
      const keys = await Promise.all([store.generate(algorithm), store.generate(algorithm)])
      t.notDeepEqual(keys[0].publicJwk, keys[1].publicJwk)
      const { secret, publicJwk } = keys[0]
      const signer = await store.open({ keyId: 'k1', algorithm, secret, certificateChain: [] })
      for (const jwk of [publicJwk, signer.publicJwk]) {
        for (const member of ['d', 'p', 'q', 'k']) t.false(Object.hasOwn(jwk, member), member)
      }
      const shown = JSON.stringify(signer)
      t.false(shown.includes(secret.toString('base64')) || shown.includes(secret.toString('base64url')))
    })

    test(`${kind}, ${algorithm}: RFC 7518 §3.1: a key is not opened for another algorithm`, async (t) => {
      const { secret } = await store.generate(algorithm)
      for (const other of store.algorithms.filter((one) => one !== algorithm)) {
        const opening = store.open({ keyId: 'k1', algorithm: other, secret, certificateChain: [] })
        await t.throwsAsync(opening, { message: /no key for/ })
      }
    })
  }
}

import test from 'ava'
import fc from 'fast-check'
import { makeDocumentSigner, makeRoot } from '../../src/keys/certificates.ts'
import { didOfKey, keyUrlOfDid } from '../../src/protocol/did-key.ts'
import { readProofs, verifyJwtProof } from '../../src/protocol/key-proof.ts'
import { type JwtOverrides, makeKey, makeProof, signJwt, type WalletKey } from '../../src/wallet/keys.ts'
import { refusalIn } from '../support/refusals.ts'

const now = new Date('2026-11-24T12:00:00Z')
const iat = now.getTime() / 1000
const audience = 'https://issuer.example/acme/staff'
const key = makeKey()
const didUrl = ({ jwk }: WalletKey, method: 'did:key' | 'did:jwk') => keyUrlOfDid(didOfKey(jwk, method))

const root = await makeRoot({ name: 'Root', now })
const certify = async (publicJwk: Record<string, unknown>, at = now, { certificate, privateKeyPkcs8 } = root) => {
  const naming = { subjectName: 'A key of a wallet', hosts: [], identifiers: [], days: 30 }
  const leaf = await makeDocumentSigner({ root: certificate, rootKey: privateKeyPkcs8, publicJwk, ...naming, now: at })
  return leaf.toString('base64')
}
const certificates = {
  good: [await certify(key.jwk)],
  withRoot: [await certify(key.jwk), root.certificate.toString('base64')],
  ofAnother: [await certify(makeKey().jwk)],
  old: [
    await certify(
      key.jwk,
      new Date('2026-10-01T00:00:00Z'),
      await makeRoot({ name: 'Root', now: new Date('2026-09-01') }),
    ),
  ],
  broken: [await certify(key.jwk), (await makeRoot({ name: 'Root', now })).certificate.toString('base64')],
}

const expected = {
  audience,
  algorithms: ['ES256', 'ES384', 'EdDSA'],
  now,
  maxAgeSeconds: 300,
  skewSeconds: 60,
  clientId: 'wallet' as string | undefined,
  didMethods: ['did:key', 'did:jwk'],
  clientKeys: [] as Record<string, unknown>[],
}
const proof = (overrides: JwtOverrides = {}, holder = key) =>
  makeProof(holder, { audience, nonce: 'fresh', clientId: 'wallet', now }, overrides)

const refusal = (jwt: string, changes: Partial<typeof expected> = {}) =>
  refusalIn(() => verifyJwtProof(jwt, { ...expected, ...changes }))

test('VCI-95, VCI-97: the proof that OpenID4VCI §F.1 prints verifies at its date', (t) => {
  const printed =
    'eyJ0eXAiOiJvcGVuaWQ0dmNpLXByb29mK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4IjoiblVXQW9BdjNYWml0aDhFN2kxOU9kYXhPTFlGT3dNLVoyRXVNMDJUaXJUNCIsInkiOiJIc2tIVThCalVpMVU5WHFpN1N3bWo4Z3dBS18weGtjRGpFV183MVNvc0VZIn19.eyJhdWQiOiJodHRwczovL2NyZWRlbnRpYWwtaXNzdWVyLmV4YW1wbGUuY29tIiwiaWF0IjoxNzAxOTYwNDQ0LCJub25jZSI6IkxhclJHU2JtVVBZdFJZTzZCUTR5bjgifQ.-a3EDsxClUB4O3LeDD5DVGEnNMT01FCQW4P6-2-BNBqc_Zxf0Qw4CWayLEpqkAomlkLb9zioZoipdP-jvh1WlA'
  const { jwk, nonce } = verifyJwtProof(printed, {
    ...expected,
    audience: 'https://credential-issuer.example.com',
    now: new Date(1_701_960_450_000),
  })
  t.is(jwk.x, 'nUWAoAv3XZith8E7i19OdaxOLYFOwM-Z2EuM02TirT4')
  t.is(nonce, 'LarRGSbmUPYtRYO6BQ4yn8')
})

test('VCI-95: a proof yields its key, reduced to public members, its thumbprint and its nonce', (t) => {
  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
    const holder = makeKey(algorithm)
    const jwt = proof({ header: { jwk: { ...holder.jwk, kid: 'mine', use: 'sig' } } }, holder)
    const proven = verifyJwtProof(jwt, expected)
    const { jwk, thumbprint } = holder
    t.deepEqual(proven, { jwk, thumbprint, nonce: 'fresh', keyAttestation: undefined }, algorithm)
  }
})

const accepted: Record<string, [JwtOverrides, Partial<typeof expected>?]> = {
  'VCI-96: aud may be an array of one': [{ claims: { aud: [audience] } }],
  'VCI-96: iss may be absent': [{ claims: { iss: undefined } }],
  'VCI-96: an anonymous wallet sends no iss': [{ claims: { iss: undefined } }, { clientId: undefined }],
  'VCI-105: iat may be slightly in the future': [{ claims: { iat: iat + 60 } }],
  'VCI-97: iat may be as old as the window': [{ claims: { iat: iat - 300 } }],
  'VCI-97: members that nobody knows are ignored': [{ header: { own: 1 }, claims: { own: 1, jti: 'x' } }],
}
for (const [title, [overrides, changes]] of Object.entries(accepted)) {
  test(title, (t) => t.is(refusal(proof(overrides), changes), undefined))
}

const refused: Record<string, [JwtOverrides, Partial<typeof expected>?]> = {
  'VCI-95: another typ is refused': [{ header: { typ: 'JWT' } }],
  'VCI-95: a missing typ is refused': [{ header: { typ: undefined } }],
  'VCI-95: alg none is refused': [{ header: { alg: 'none' } }],
  'VCI-95: a symmetric alg is refused': [{ header: { alg: 'HS256' } }],
  'VCI-95: an alg that the configuration does not list is refused': [{}, { algorithms: ['ES384'] }],
  'VCI-95: a proof without a key is refused': [{ header: { jwk: undefined } }],
  'VCI-95: kid and jwk together are refused': [{ header: { kid: 'did:example:1#0' } }],
  'VCI-95: x5c and jwk together are refused': [{ header: { x5c: ['MIIB'] } }],
  'VCI-95: a kid that is no DID and no registered key is refused': [{ header: { jwk: undefined, kid: 'key-1' } }],
  'VCI-95: a kid that is no string is refused': [{ header: { jwk: undefined, kid: 1 } }],
  'VCI-95: a DID of a method that nobody here resolves is refused': [
    { header: { jwk: undefined, kid: 'did:web:wallet.example#0' } },
  ],
  'VCI-95: a did:key of another key is refused': [{ header: { jwk: undefined, kid: didUrl(makeKey(), 'did:key') } }],
  'VCI-95: a DID of a format that is not bound by DIDs is refused': [
    { header: { jwk: undefined, kid: didUrl(key, 'did:key') } },
    { didMethods: ['cose_key'] },
  ],
  'VCI-95: kid and x5c together are refused': [
    { header: { jwk: undefined, kid: didUrl(key, 'did:key'), x5c: certificates.good } },
  ],
  'VCI-95: an x5c that is no list is refused': [{ header: { jwk: undefined, x5c: certificates.good[0] } }],
  'VCI-95: an empty x5c is refused': [{ header: { jwk: undefined, x5c: [] } }],
  'VCI-95: an x5c with something that is no certificate is refused': [{ header: { jwk: undefined, x5c: ['MIIB'] } }],
  'VCI-95: an x5c of another key is refused': [{ header: { jwk: undefined, x5c: certificates.ofAnother } }],
  'VCI-95: an x5c whose leaf has expired is refused': [{ header: { jwk: undefined, x5c: certificates.old } }],
  'VCI-95: an x5c that does not hold together is refused': [{ header: { jwk: undefined, x5c: certificates.broken } }],
  'VCI-95: a trust chain beside a kid is refused': [
    { header: { jwk: undefined, kid: didUrl(key, 'did:key'), trust_chain: ['x'] } },
  ],
  'VCI-97: an RSA key is refused': [{ header: { jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } } }],
  'VCI-97: a key of a curve that is not listed is refused': [{ header: { jwk: { ...key.jwk, crv: 'secp256k1' } } }],
  'VCI-97: a symmetric key is refused': [{ header: { alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } } }],
  'VCI-95: a trust chain is refused': [{ header: { trust_chain: [] } }],
  'VCI-97: a jwk that is no object is refused': [{ header: { jwk: [key.jwk] } }],
  'VCI-97: private key material in the header is refused': [{ header: { jwk: { ...key.jwk, d: 'AAAA' } } }],
  'VCI-97: a proof signed by another key is refused': [{ key: makeKey() }],
  'VCI-97: a key of another curve than the alg is refused': [{ header: { jwk: makeKey('ES384').jwk } }],
  'VCI-96: another audience is refused': [{ claims: { aud: 'https://issuer.example/other/staff' } }],
  'VCI-96: two audiences are refused': [{ claims: { aud: [audience, 'https://other.example'] } }],
  'VCI-96: a missing audience is refused': [{ claims: { aud: undefined } }],
  'VCI-96: a missing iat is refused': [{ claims: { iat: undefined } }],
  'VCI-96: an iat in quotes is refused': [{ claims: { iat: String(iat) } }],
  'VCI-96: iss of another client is refused': [{ claims: { iss: 'other' } }],
  'VCI-96: iss after an anonymous token request is refused': [{}, { clientId: undefined }],
  'VCI-96: iss that is null is refused': [{ claims: { iss: null } }],
  'VCI-97: a proof older than the window is refused': [{ claims: { iat: iat - 301 } }],
  'VCI-105: a proof from the future is refused': [{ claims: { iat: iat + 61 } }],
  'VCI-97: a proof that says it has expired is refused': [{ claims: { exp: iat - 61 } }],
  'VCI-97: a proof that is not valid yet is refused': [{ claims: { nbf: iat + 61 } }],
  'VCI-79: a proof without a nonce is invalid_proof': [{ claims: { nonce: undefined } }],
  'VCI-79: a nonce that is no string is invalid_proof': [{ claims: { nonce: 7 } }],
  'VCI-79: an empty nonce is invalid_proof': [{ claims: { nonce: '' } }],
}
for (const [title, [overrides, changes]] of Object.entries(refused)) {
  test(title, (t) => t.is(refusal(proof(overrides), changes)?.code, 'invalid_proof'))
}

test('VCI-95: a key may be named by did:key and did:jwk, and is proven under that DID', (t) => {
  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
    for (const method of ['did:key', 'did:jwk'] as const) {
      const holder = makeKey(algorithm)
      const did = didOfKey(holder.jwk, method)
      for (const kid of [keyUrlOfDid(did), did]) {
        const {
          jwk,
          thumbprint,
          did: shown,
        } = verifyJwtProof(proof({ header: { jwk: undefined, kid } }, holder), expected)
        t.deepEqual([jwk, thumbprint, shown], [holder.jwk, holder.thumbprint, did], `${algorithm} ${kid}`)
      }
    }
  }
})

test('VCI-95: a key may be named by a certificate, which nobody has to trust', (t) => {
  for (const x5c of [certificates.good, certificates.withRoot]) {
    const proven = verifyJwtProof(proof({ header: { jwk: undefined, x5c } }), expected)
    t.deepEqual(proven.jwk, key.jwk)
    t.is(proven.did, undefined)
  }
})

test('VCI-95: a client with registered keys may name one of them by its kid', (t) => {
  const jwt = proof({ header: { jwk: undefined, kid: 'first' } })
  const clientKeys = [
    { ...makeKey().jwk, kid: 'other' },
    { ...key.jwk, kid: 'first', use: 'sig' },
  ]
  t.deepEqual(verifyJwtProof(jwt, { ...expected, clientKeys }).jwk, key.jwk)
  t.is(refusal(jwt, { clientKeys: clientKeys.slice(0, 1) })?.code, 'invalid_proof')
})

test('VCI-98: the key attestation of a header comes back as it is', (t) => {
  const jwt = proof({ header: { key_attestation: 'a.b.c' } })
  t.is(verifyJwtProof(jwt, expected).keyAttestation, 'a.b.c')
})

test('VCI-97: a proof with a wrong time tells the person to check the clock', (t) => {
  t.is(refusal(proof({ claims: { iat: iat - 3600 } }))?.help, 'clock')
  t.is(refusal(proof({ claims: { iat: 'now' } }))?.help, undefined)
})

test('VCI-64, VCI-65, VCI-79: proofs are of one type that is taken and within the batch size, or invalid_proof', (t) => {
  const takes = (...types: ('jwt' | 'attestation')[]) => ({ types, batchSize: 2 })
  t.deepEqual(readProofs({ jwt: ['a', 'b'] }, takes('jwt', 'attestation')), { type: 'jwt', jwts: ['a', 'b'] })
  t.deepEqual(readProofs({ attestation: ['a'] }, takes('attestation')), { type: 'attestation', jwts: ['a'] })
  const wrong = [undefined, null, [], 'a.b.c', {}, { jwt: 'a' }, { jwt: [] }, { jwt: [1] }, { jwt: ['a', 'b', 'c'] }]
  const others = [{ jwt: ['a'], attestation: ['b'] }, { di_vp: [{}] }, { attestation: [] }, { attestation: ['a', 'b'] }]
  for (const proofs of [...wrong, ...others])
    t.throws(() => readProofs(proofs, takes('jwt', 'attestation')), { code: 'invalid_proof' }, JSON.stringify(proofs))
  t.throws(() => readProofs({ attestation: ['a'] }, takes('jwt')), { code: 'invalid_proof' })
  t.throws(() => readProofs({ jwt: ['a'] }, takes('attestation')), { code: 'invalid_proof' })
})

test('VCI-97, VCI-81: hostile proofs make nothing but invalid_proof, whose sentence repeats none of them', (t) => {
  const json = fc.jsonValue()
  fc.assert(
    fc.property(fc.string(), (text) => refusal(text)?.code === 'invalid_proof'),
    { numRuns: 300 },
  )
  const members = fc.dictionary(fc.constantFrom('typ', 'alg', 'jwk', 'kid', 'x5c', 'crit', '__proto__'), json)
  const claims = fc.dictionary(fc.constantFrom('aud', 'iat', 'nonce', 'iss', 'exp', 'nbf', 'toString'), json)
  fc.assert(
    fc.property(members, claims, fc.boolean(), (header, payload, keepsHeader) => {
      const error = refusal(
        signJwt(
          key,
          keepsHeader ? { ...header, typ: 'openid4vci-proof+jwt', alg: 'ES256', jwk: key.jwk } : header,
          payload,
        ),
      )
      return error !== undefined && /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(error.message)
    }),
    { numRuns: 300 },
  )
  t.pass()
})

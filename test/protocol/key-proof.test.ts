import test from 'ava'
import fc from 'fast-check'
import { ProtocolError } from '../../src/protocol/errors.ts'
import { readProofs, verifyJwtProof } from '../../src/protocol/key-proof.ts'
import { type JwtOverrides, makeKey, makeProof, signJwt } from '../../src/wallet/keys.ts'

const now = new Date('2026-11-24T12:00:00Z')
const iat = now.getTime() / 1000
const audience = 'https://issuer.example/acme/staff'
const key = makeKey()
const expected = {
  audience,
  algorithms: ['ES256', 'ES384', 'EdDSA'],
  now,
  maxAgeSeconds: 300,
  skewSeconds: 60,
  clientId: 'wallet' as string | undefined,
  checkNonce: (nonce: string) => (nonce === 'fresh' ? ('ok' as const) : ('invalid' as const)),
}
const proof = (overrides: JwtOverrides = {}, holder = key) =>
  makeProof(holder, { audience, nonce: 'fresh', clientId: 'wallet', now }, overrides)

const refusal = (jwt: string, changes: Partial<typeof expected> = {}): ProtocolError | undefined => {
  try {
    verifyJwtProof(jwt, { ...expected, ...changes })
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}

test('VCI-95, VCI-97: the proof that OpenID4VCI §F.1 prints verifies at its date', (t) => {
  const printed =
    'eyJ0eXAiOiJvcGVuaWQ0dmNpLXByb29mK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwiY3J2IjoiUC0yNTYiLCJ4IjoiblVXQW9BdjNYWml0aDhFN2kxOU9kYXhPTFlGT3dNLVoyRXVNMDJUaXJUNCIsInkiOiJIc2tIVThCalVpMVU5WHFpN1N3bWo4Z3dBS18weGtjRGpFV183MVNvc0VZIn19.eyJhdWQiOiJodHRwczovL2NyZWRlbnRpYWwtaXNzdWVyLmV4YW1wbGUuY29tIiwiaWF0IjoxNzAxOTYwNDQ0LCJub25jZSI6IkxhclJHU2JtVVBZdFJZTzZCUTR5bjgifQ.-a3EDsxClUB4O3LeDD5DVGEnNMT01FCQW4P6-2-BNBqc_Zxf0Qw4CWayLEpqkAomlkLb9zioZoipdP-jvh1WlA'
  const { jwk, nonce } = verifyJwtProof(printed, {
    ...expected,
    audience: 'https://credential-issuer.example.com',
    now: new Date(1_701_960_450_000),
    checkNonce: (given) => (given === 'LarRGSbmUPYtRYO6BQ4yn8' ? 'ok' : 'invalid'),
  })
  t.is(jwk.x, 'nUWAoAv3XZith8E7i19OdaxOLYFOwM-Z2EuM02TirT4')
  t.is(nonce, 'LarRGSbmUPYtRYO6BQ4yn8')
})

test('VCI-95: a proof yields its key, reduced to public members, its thumbprint and its nonce', (t) => {
  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
    const holder = makeKey(algorithm)
    const jwt = proof({ header: { jwk: { ...holder.jwk, kid: 'mine', use: 'sig' } } }, holder)
    const proven = verifyJwtProof(jwt, expected)
    t.deepEqual(proven, { jwk: holder.jwk, thumbprint: holder.thumbprint, nonce: 'fresh' }, algorithm)
  }
})

const accepted: Record<string, [JwtOverrides, Partial<typeof expected>?]> = {
  'VCI-96: aud may be an array of one': [{ claims: { aud: [audience] } }],
  'VCI-96: iss may be absent': [{ claims: { iss: undefined } }],
  'VCI-96: an anonymous wallet sends no iss': [{ claims: { iss: undefined } }, { clientId: undefined }],
  'VCI-105: iat may be slightly in the future': [{ claims: { iat: iat + 60 } }],
  'VCI-97: iat may be as old as the window': [{ claims: { iat: iat - 300 } }],
  'VCI-97: members that nobody knows are ignored': [{ header: { own: 1 }, claims: { own: 1, jti: 'x' } }],
  'VCI-98: a key attestation that nobody asked for is ignored': [{ header: { key_attestation: 'a.b.c' } }],
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
  'VCI-95: kid alone is refused, for keys are proven by jwk here': [
    { header: { jwk: undefined, kid: 'did:example:1' } },
  ],
  'VCI-95: x5c alone is refused, for keys are proven by jwk here': [{ header: { jwk: undefined, x5c: ['MIIB'] } }],
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
  test(title, (t) => {
    t.is(refusal(proof(overrides), changes)?.code, 'invalid_proof')
    // VCI-80: the nonce is looked at last.
    const stale = proof({ ...overrides, claims: { nonce: 'stale', ...overrides.claims } })
    t.is(refusal(stale, changes)?.code, 'invalid_proof')
  })
}

test('VCI-79, VCI-80: a proof in which only the nonce is wrong or expired is invalid_nonce', (t) => {
  t.is(refusal(proof({ claims: { nonce: 'stale' } }))?.code, 'invalid_nonce')
  t.is(refusal(proof(), { checkNonce: (() => 'expired') as never })?.code, 'invalid_nonce')
})

test('VCI-97: a proof with a wrong time tells the person to check the clock', (t) => {
  t.is(refusal(proof({ claims: { iat: iat - 3600 } }))?.help, 'clock')
  t.is(refusal(proof({ claims: { iat: 'now' } }))?.help, undefined)
})

test('VCI-64, VCI-65, VCI-79: proofs are of one known type and within the batch size, or invalid_proof', (t) => {
  t.deepEqual(readProofs({ jwt: ['a', 'b'] }, 2), ['a', 'b'])
  const wrong = [undefined, null, [], 'a.b.c', {}, { jwt: 'a' }, { jwt: [] }, { jwt: [1] }, { jwt: ['a', 'b', 'c'] }]
  for (const proofs of [...wrong, { jwt: ['a'], attestation: ['b'] }, { di_vp: [{}] }]) {
    t.throws(() => readProofs(proofs, 2), { code: 'invalid_proof' }, JSON.stringify(proofs))
  }
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

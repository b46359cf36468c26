import test from 'ava'
import fc from 'fast-check'
import { normaliseHtu, verifyDpopProof } from '../../src/protocol/dpop.ts'
import { type JwtOverrides, makeDpopProof, makeKey, signJwt } from '../../src/wallet/keys.ts'
import { refusalIn } from '../support/refusals.ts'

const now = new Date('2026-11-24T12:00:00Z')
const iat = now.getTime() / 1000
const url = 'https://issuer.example/acme/staff/credential'
const accessToken = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
const key = makeKey()
const expected = {
  method: 'POST',
  url,
  algorithms: ['ES256', 'EdDSA'],
  now,
  accessToken: accessToken as string | undefined,
  expectedThumbprint: key.thumbprint as string | undefined,
  nonce: (given: string | undefined) =>
    given === 'fresh' ? ('ok' as const) : given ? ('invalid' as const) : ('missing' as const),
}
const proof = (overrides: JwtOverrides = {}) =>
  makeDpopProof(key, { method: 'POST', url, accessToken, nonce: 'fresh', now }, overrides)

const refusal = (jwt: string, changes: Partial<Parameters<typeof verifyDpopProof>[1]> = {}) =>
  refusalIn(() => verifyDpopProof(jwt, { ...expected, ...changes }))

const printed = {
  token:
    'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg',
  resource:
    'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA',
}

test('RFC 9449 §5: the printed proof for a token request verifies at its date', (t) => {
  const given = { algorithms: ['ES256'], now: new Date(1_562_262_620_000), nonce: () => 'ok' as const }
  const url = 'https://server.example.com/token'
  t.deepEqual(verifyDpopProof(printed.token, { ...given, method: 'POST', url }), {
    thumbprint: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
    jti: '-BwC3ESc6acc2lTc',
    iat: 1_562_262_616,
  })
})

test('RFC 9449 §7.1: the printed proof for a protected resource verifies with its token and its key', (t) => {
  const { jti } = verifyDpopProof(printed.resource, {
    algorithms: ['ES256'],
    method: 'GET',
    url: 'https://resource.example.org/protectedresource',
    now: new Date(1_562_262_620_000),
    accessToken,
    expectedThumbprint: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
    nonce: () => 'ok',
  })
  t.is(jti, 'e1j3V_bKic8-LAEB')
})

const accepted: Record<string, JwtOverrides> = {
  'RFC 9449 §4.3: query and fragment of htu do not count': { claims: { htu: `${url}?a=b#c` } },
  'RFC 9449 §4.3: members that nobody knows are ignored': { header: { own: 1 }, claims: { own: 1 } },
  'FAPI 2.0 §5.3.2.1: an iat ten seconds in the future is accepted': { claims: { iat: iat + 10 } },
  'RFC 9449 §11.1: an iat within the last five minutes is accepted': { claims: { iat: iat - 300 } },
  'RFC 7519 §4.1: exp and nbf are kept if they are sent': { claims: { nbf: iat, exp: iat + 300 } },
  'RFC 9449 §4.3: scheme and host of htu have no case': {
    claims: { htu: 'HTTPS://Issuer.Example:443/acme/staff/credential' },
  },
}
for (const [title, overrides] of Object.entries(accepted)) {
  test(title, (t) => t.is(refusal(proof(overrides)), undefined))
}

const refused: Record<string, JwtOverrides> = {
  'RFC 9449 §4.3: another typ is refused': { header: { typ: 'JWT' } },
  'RFC 9449 §4.3: alg none is refused': { header: { alg: 'none' } },
  'RFC 9449 §4.3: a symmetric alg is refused': { header: { alg: 'HS256' } },
  'RFC 9449 §4.3: a proof without a key is refused': { header: { jwk: undefined } },
  'RFC 9449 §4.3: a jwk with private members is refused': { header: { jwk: { ...key.jwk, d: 'AAAA' } } },
  'RFC 9449 §4.3: a signature by another key is refused': { key: makeKey() },
  'RFC 9449 §4.3: another key than that of the token is refused': {
    ...((other) => ({ key: other, header: { jwk: other.jwk } }))(makeKey()),
  },
  'RFC 9449 §4.3: a missing jti is refused': { claims: { jti: undefined } },
  'RFC 9449 §4.3: an empty jti is refused': { claims: { jti: '' } },
  'RFC 9449 §4.3: a missing htm is refused': { claims: { htm: undefined } },
  'RFC 9449 §4.3: another method is refused': { claims: { htm: 'GET' } },
  'RFC 9449 §4.3: a method in another case is refused': { claims: { htm: 'post' } },
  'RFC 9449 §4.3: a missing htu is refused': { claims: { htu: undefined } },
  'RFC 9449 §4.3: another path is refused': { claims: { htu: 'https://issuer.example/acme/staff/token' } },
  'RFC 9449 §4.3: a path in another case is refused': {
    claims: { htu: 'https://issuer.example/acme/STAFF/credential' },
  },
  'RFC 9449 §4.3: another host is refused': { claims: { htu: url.replace('issuer.', 'other.') } },
  'RFC 9449 §4.3: another scheme is refused': { claims: { htu: url.replace('https', 'http') } },
  'RFC 9449 §4.3: another port is refused': { claims: { htu: url.replace('.example', '.example:8443') } },
  'RFC 9449 §4.3: a htu with a user is refused': { claims: { htu: url.replace('issuer', 'user@issuer') } },
  'RFC 9449 §4.3: a htu with backslashes is refused': { claims: { htu: url.replaceAll('/staff/', '\\staff\\') } },
  'RFC 9449 §4.3: a htu with blanks is refused': { claims: { htu: ` ${url}` } },
  'RFC 9449 §4.3: a htu that is a path is refused': { claims: { htu: '/acme/staff/credential' } },
  'RFC 9449 §4.3: a missing iat is refused': { claims: { iat: undefined } },
  'RFC 9449 §4.3: an iat in quotes is refused': { claims: { iat: String(iat) } },
  'RFC 9449 §11.1: an iat of more than five minutes ago is refused': { claims: { iat: iat - 301 } },
  'FAPI 2.0 §5.3.2.1: an iat more than a minute in the future is refused': { claims: { iat: iat + 61 } },
  'RFC 7519 §4.1.4: an expired proof is refused': { claims: { exp: iat - 61 } },
  'RFC 7519 §4.1.5: a proof that is not valid yet is refused': { claims: { nbf: iat + 61 } },
  'RFC 9449 §4.3: a missing ath is refused': { claims: { ath: undefined } },
  'RFC 9449 §4.3: the ath of another token is refused': {
    claims: { ath: 'AUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' },
  },
  'RFC 9449 §4.3: a nonce that is no string is refused': { claims: { nonce: 7 } },
}
for (const [title, overrides] of Object.entries(refused)) {
  test(title, (t) => t.is(refusal(proof(overrides))?.code, 'invalid_dpop_proof'))
}

test('RFC 9449 §4.3: an algorithm that the metadata does not list is refused', (t) => {
  t.is(refusal(proof(), { algorithms: ['ES384'] })?.code, 'invalid_dpop_proof')
})

test('RFC 9449 §4.3: two proofs in one header, as two headers arrive, are refused', (t) => {
  t.is(refusal(`${proof()}, ${proof()}`)?.code, 'invalid_dpop_proof')
})

test('RFC 9449 §8: a missing, wrong or expired nonce is use_dpop_nonce, and only when all else is right', (t) => {
  t.is(refusal(proof({ claims: { nonce: undefined } }))?.code, 'use_dpop_nonce')
  t.is(refusal(proof({ claims: { nonce: 'stale' } }))?.code, 'use_dpop_nonce')
  t.is(refusal(proof(), { nonce: () => 'expired' })?.code, 'use_dpop_nonce')
  t.is(refusal(proof({ claims: { nonce: 'stale', htm: 'GET' } }))?.code, 'invalid_dpop_proof')
  t.is(refusal(proof({ claims: { nonce: undefined } }), { nonce: () => 'ok' }), undefined)
})

test('RFC 9449 §4.3: at the token endpoint, where there is no token yet, ath does not count', (t) => {
  t.is(refusal(proof({ claims: { ath: undefined } }), { accessToken: undefined }), undefined)
})

test('RFC 3986 §6.2.2, §6.2.3: addresses that are the same after normalisation are the same htu', (t) => {
  const same = [
    'https://h.example/a~b/%C3%BC',
    'HTTPS://H.EXAMPLE:443/a%7Eb/%c3%bc?q#f',
    'https://h.example/x/../a%7eb/./%c3%bc',
  ]
  for (const text of same) t.is(normaliseHtu(text), same[0], text)
  t.is(normaliseHtu('http://h.example'), normaliseHtu('http://h.example:80/'))
  t.not(normaliseHtu('https://h.example/a%2Fb'), normaliseHtu('https://h.example/a/b'))
  t.not(normaliseHtu('https://h.example/a/'), normaliseHtu('https://h.example/a'))
  for (const text of ['', 'javascript:1', 'https://', 'https:/h.example/', 'https://h\t.example/']) {
    t.is(normaliseHtu(text), undefined, text)
  }
})

test('RFC 9449 §4.3: hostile proofs make nothing but invalid_dpop_proof, whose sentence repeats none of them', (t) => {
  fc.assert(fc.property(fc.string(), (text) => refusal(text)?.code === 'invalid_dpop_proof'))
  const claims = fc.dictionary(fc.constantFrom('jti', 'htm', 'htu', 'iat', 'ath', 'nonce', '__proto__'), fc.jsonValue())
  fc.assert(
    fc.property(claims, (payload) => {
      const error = refusal(signJwt(key, { typ: 'dpop+jwt', alg: 'ES256', jwk: key.jwk }, payload))
      return error !== undefined && /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(error.message)
    }),
  )
  fc.assert(fc.property(fc.oneof(fc.webUrl(), fc.string()), (text) => normaliseHtu(text) !== ''))
  t.pass()
})

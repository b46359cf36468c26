import test from 'ava'
import fc from 'fast-check'
import { clientOfAssertion, verifyClientAssertion } from '../../src/protocol/client-assertion.ts'
import { type JwtOverrides, makeKey, signJwt } from '../../src/wallet/keys.ts'
import { refusalIn } from '../support/refusals.ts'

const now = new Date('2026-11-24T12:00:00Z')
const iat = now.getTime() / 1000
const [server, key] = ['https://issuer.example/acme/staff', makeKey()]
const registered = [{ ...key.jwk, kid: 'one' }]
const expected = {
  audiences: [server, `${server}/token`],
  algorithms: ['ES256', 'ES384', 'EdDSA'],
  now,
  skewSeconds: 60,
  mostSeconds: 360,
}

function assertion({ header, claims, key: other }: JwtOverrides = {}, signer = key): string {
  const members = { iss: 'client', sub: 'client', aud: server, iat, exp: iat + 60, jti: 'one-time', ...claims }
  return signJwt(other ?? signer, { alg: signer.algorithm, kid: 'one', ...header }, members)
}

const refusalOf = (jwt: string, keys = registered) => refusalIn(() => verifyClientAssertion(jwt, keys, expected))

test('RFC 7523 §3: an assertion says whose it is, and yields the jti that is to be taken once', (t) => {
  t.is(clientOfAssertion(assertion()), 'client')
  t.is(verifyClientAssertion(assertion(), registered, expected), 'one-time')
})

test('RFC 7523 §3: any of the client’s keys and algorithms will do; without kid, or with the one that is named', (t) => {
  const keys = (['ES256', 'ES384', 'EdDSA'] as const).map((algorithm) => makeKey(algorithm))
  const jwks = keys.map(({ jwk, algorithm }) => ({ ...jwk, kid: algorithm }))
  for (const signer of keys)
    for (const kid of [signer.algorithm, undefined])
      t.is(refusalOf(assertion({ header: { kid } }, signer), jwks), undefined)
  t.is(refusalOf(assertion({ header: { kid: 'ES384' } }, keys[0]), jwks)?.code, 'invalid_client')
})

const accepted: Record<string, JwtOverrides> = {
  'RFC 7523 §3: an endpoint as audience': { claims: { aud: `${server}/token` } },
  'FAPI-1: this server among several audiences': { claims: { aud: ['https://other.example', server] } },
  'RFC 7523 §3: members that nobody knows': { header: { own: 1 }, claims: { own: 1 } },
  'RFC 7523 §3: neither iat nor nbf': { claims: { iat: undefined } },
  'FAPI-1: an iat and nbf ten seconds in the future': { claims: { iat: iat + 10, nbf: iat + 10 } },
  'RFC 7523 §3: five minutes to live': { claims: { exp: iat + 300 } },
  'RFC 7523 §3: a clock that is half a minute behind': { claims: { exp: iat - 30 } },
}
for (const [title, overrides] of Object.entries(accepted))
  test(`${title} is accepted`, (t) => t.is(refusalOf(assertion(overrides)), undefined))

const refused: Record<string, JwtOverrides> = {
  'RFC 7523 §3: another key': { key: makeKey() },
  'RFC 8725 §3.1: alg none': { header: { alg: 'none' } },
  'RFC 8725 §3.1: a symmetric alg': { header: { alg: 'HS256' } },
  'RFC 8725 §3.1: an alg of another curve': { header: { alg: 'ES384' } },
  'RFC 7515 §4.1.11: critical extensions': { header: { crit: ['own'], own: 1 } },
  'RFC 7523 §3: a key of its own in the header': { header: { kid: 'two', jwk: key.jwk } },
  'RFC 7523 §3: another server': { claims: { aud: 'https://other.example' } },
  'RFC 7523 §3: a part of the address as audience': { claims: { aud: 'https://issuer.example' } },
  'RFC 7523 §3: no audience': { claims: { aud: undefined } },
  'RFC 7523 §3: an empty list of audiences': { claims: { aud: [] } },
  'RFC 7523 §3: this server in a list within the list': { claims: { aud: [[server]] } },
  'RFC 7523 §3: an audience of which no text can be made': { claims: { aud: { toString: false } } },
  'RFC 7523 §3: no exp': { claims: { exp: undefined } },
  'RFC 7523 §3: exp in quotes': { claims: { exp: String(iat + 60) } },
  'RFC 7523 §3: an assertion that is over': { claims: { exp: iat - 60 } },
  'RFC 7523 §3: one that lives for long': { claims: { exp: iat + 361 } },
  'FAPI-1: an iat of more than a minute in the future': { claims: { iat: iat + 61 } },
  'FAPI-1: an nbf of more than a minute in the future': { claims: { nbf: iat + 61 } },
  'RFC 7523 §3: an iat that is no number': { claims: { iat: 'now' } },
  'RFC 7523 §3: no jti': { claims: { jti: undefined } },
  'RFC 7523 §3: an empty jti': { claims: { jti: '' } },
}
for (const [title, overrides] of Object.entries(refused))
  test(`${title} is refused`, (t) => t.is(refusalOf(assertion(overrides))?.code, 'invalid_client'))

test('RFC 7523 §3: iss and sub are the client, both', (t) => {
  for (const claims of [
    { iss: 'other' },
    { sub: 'other' },
    { iss: undefined },
    { sub: undefined },
    { iss: '', sub: '' },
  ])
    t.is(refusalIn(() => clientOfAssertion(assertion({ claims })))?.code, 'invalid_client')
})

test('RFC 7523 §3: hostile assertions make nothing but invalid_client, whose sentence repeats none of them', (t) => {
  fc.assert(fc.property(fc.string(), (text) => refusalIn(() => clientOfAssertion(text))?.code === 'invalid_client'))
  const claims = fc.dictionary(fc.constantFrom('iss', 'sub', 'aud', 'exp', 'nbf', 'jti', '__proto__'), fc.jsonValue())
  fc.assert(
    fc.property(claims, (payload) => {
      const error = refusalOf(signJwt(key, { alg: 'ES256' }, payload))
      return error?.code === 'invalid_client' && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(error.message)
    }),
    { numRuns: 50 },
  )
  t.pass()
})

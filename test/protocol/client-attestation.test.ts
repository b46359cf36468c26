import test from 'ava'
import fc from 'fast-check'
import { certificatesOf } from '../../src/lib/certificate-path.ts'
import { verifyAttestationPop, verifyClientAttestation } from '../../src/protocol/client-attestation.ts'
import type { ErrorCode } from '../../src/protocol/errors.ts'
import { type JwtOverrides, makeKey, signJwt } from '../../src/wallet/keys.ts'
import { makeAttester } from '../support/attester.ts'
import { refusalIn } from '../support/refusals.ts'

const now = new Date('2026-11-24T12:00:00Z')
const iat = now.getTime() / 1000
const [server, key] = ['https://issuer.example/acme/staff', makeKey()]
const [attester, second] = [await makeAttester('First', now), await makeAttester('Second', now)]
const algorithms = ['ES256', 'ES384', 'EdDSA']
const trusted = (
  id: string,
  { certificates }: typeof attester,
  more: { issuer?: string; clientIds?: string[] } = {},
) => ({
  id,
  anchors: certificatesOf(certificates),
  issuer: more.issuer,
  clientIds: more.clientIds,
})
const trust = { attesters: [trusted('first', attester), trusted('second', second)], algorithms, now, skewSeconds: 60 }
const attestation = (overrides?: JwtOverrides, by = attester) =>
  by.attestWallet({ clientId: 'wallet', key, now }, overrides)

test('ABCA-2: an attestation yields the wallet, its instance’s key, its name, and who vouches for it', (t) => {
  const claims = { wallet_name: 'Pocket', wallet_link: 'https://pocket.example', own: 1 }
  t.like(verifyClientAttestation(attestation({ claims }), trust), {
    clientId: 'wallet',
    attester: { id: 'first' },
    thumbprint: key.thumbprint,
    name: 'Pocket',
  })
  t.like(verifyClientAttestation(attestation({}, second), trust), { attester: { id: 'second' }, name: undefined })
})

test('VCI-118: a name that no page could show is left out', (t) => {
  for (const wallet_name of ['', 'x'.repeat(101), 'a\nb', 'a\u202eb', 7, null])
    t.is(verifyClientAttestation(attestation({ claims: { wallet_name } }), trust).name, undefined)
})

test('ABCA-2: an attester that is held to an iss and to clients speaks for no others', (t) => {
  const held = { issuer: 'https://attester.example', clientIds: ['wallet'] }
  const byIssuer = { ...trust, attesters: [trusted('first', attester, held)] }
  const of = (claims: Record<string, unknown>) =>
    refusalIn(() => verifyClientAttestation(attestation({ claims }), byIssuer))?.code
  t.is(of({}), undefined)
  t.is(of({ iss: undefined }), undefined, 'later drafts have no iss')
  t.is(of({ iss: 'https://other.example' }), 'invalid_client_attestation')
  t.is(of({ sub: 'another' }), 'invalid_client_attestation')
  t.is(of({ sub: ['wallet'] }), 'invalid_client_attestation')
  t.is(of({ sub: { toString: false } }), 'invalid_client_attestation', 'no text can be made of it')
})

test('ABCA-2: of two attesters below one root the one that speaks for the client counts', (t) => {
  const attesters = ['other', 'wallet'].map((id) => trusted(id, attester, { clientIds: [id] }))
  t.is(verifyClientAttestation(attestation(), { ...trust, attesters }).attester.id, 'wallet')
})

test('VCI-117: without anybody who is trusted nobody is let in', (t) => {
  const nobody = { ...trust, attesters: [] }
  t.is(refusalIn(() => verifyClientAttestation(attestation(), nobody))?.code, 'invalid_client_attestation')
})

test('ABCA-2: an attestation of the past has to be made anew; a minute of difference between clocks does not count', (t) => {
  const withExp = (exp: unknown) =>
    refusalIn(() => verifyClientAttestation(attestation({ claims: { exp } }), trust))?.code
  t.is(withExp(iat - 59), undefined)
  t.is(withExp(iat - 60), 'use_fresh_attestation')
  t.is(withExp(undefined), 'invalid_client_attestation')
  t.is(withExp(String(iat + 60)), 'invalid_client_attestation')
})

const unsound: Record<string, JwtOverrides> = {
  'ABCA-2: an iat of more than a minute in the future': { claims: { iat: iat + 61 } },
  'ABCA-2: an nbf of more than a minute in the future': { claims: { nbf: iat + 61 } },
  'ABCA-2: an iat that is no number': { claims: { iat: 'now' } },
  'ABCA-2: a sub that is none': { claims: { sub: '' } },
  'ABCA-2: a sub of other letters': { claims: { sub: 'wállet' } },
  'ABCA-2: a sub that is long': { claims: { sub: 'x'.repeat(256) } },
  'ABCA-2: a cnf without jwk': { claims: { cnf: { jkt: key.thumbprint } } },
  'ABCA-2: a cnf with a list': { claims: { cnf: { jwk: [key.jwk] } } },
  'ABCA-4: a symmetric key in cnf': { claims: { cnf: { jwk: { kty: 'oct', k: 'AAAA' } } } },
  'ABCA-4: a private member in cnf': { claims: { cnf: { jwk: { ...key.jwk, d: 'AAAA' } } } },
  'ABCA-4: alg none': { header: { alg: 'none' } },
  'ABCA-4: a symmetric alg': { header: { alg: 'HS256' } },
  'HAIP-19: the key in jwk instead of x5c': { header: { x5c: undefined, jwk: key.jwk }, key },
  'HAIP-19: an empty x5c': { header: { x5c: [] } },
  'HAIP-19: the certificate of somebody else': { header: { x5c: second.x5c } },
  'HAIP-19: the root in x5c': { header: { x5c: [...attester.x5c, attester.root.toString('base64')] } },
}
for (const [title, overrides] of Object.entries(unsound)) {
  test(`${title} is refused`, (t) => {
    t.is(refusalIn(() => verifyClientAttestation(attestation(overrides), trust))?.code, 'invalid_client_attestation')
  })
}

const wallet = verifyClientAttestation(attestation(), trust)
const possession = {
  audience: server,
  algorithms,
  now,
  maxAgeSeconds: 300,
  skewSeconds: 60,
  checkChallenge: (given: string | undefined) => (given === 'ours' ? ('ok' as const) : ('missing' as const)),
}
function pop({ header, claims, key: other }: JwtOverrides = {}): string {
  const members = { iss: 'wallet', aud: server, iat, jti: 'one-time', challenge: 'ours', ...claims }
  return signJwt(other ?? key, { typ: 'oauth-client-attestation-pop+jwt', alg: 'ES256', ...header }, members)
}
const refusalOf = (jwt: string) => refusalIn(() => verifyAttestationPop(jwt, wallet, possession))?.code

test('ABCA-3: a proof of possession yields the jti that is to be taken once', (t) => {
  t.is(verifyAttestationPop(pop(), wallet, possession), 'one-time')
})

const sound: Record<string, JwtOverrides> = {
  'ABCA-3: no iss, as of draft -08': { claims: { iss: undefined } },
  'ABCA-3: exp and nbf, as the suite sends them': { claims: { nbf: iat, exp: iat + 300 } },
  'ABCA-3: an audience in a list of one': { claims: { aud: [server] } },
  'FAPI-1: an iat ten seconds in the future': { claims: { iat: iat + 10 } },
  'ABCA-4: an iat of five minutes ago': { claims: { iat: iat - 300 } },
  'ABCA-2: members that nobody knows': { header: { own: 1 }, claims: { own: 1 } },
}
for (const [title, overrides] of Object.entries(sound))
  test(`${title} is accepted`, (t) => t.is(refusalOf(pop(overrides)), undefined))

const broken: Record<string, [code: ErrorCode, overrides: JwtOverrides]> = {
  'ABCA-3: another typ': ['invalid_client_attestation', { header: { typ: 'JWT' } }],
  'ABCA-3: another key': ['invalid_client_attestation', { key: makeKey() }],
  'ABCA-4: alg none': ['invalid_client_attestation', { header: { alg: 'none' } }],
  'ABCA-3: another server': ['invalid_client_attestation', { claims: { aud: 'https://other.example' } }],
  'ABCA-3: an endpoint': ['invalid_client_attestation', { claims: { aud: `${server}/token` } }],
  'ABCA-3: this server among several': [
    'invalid_client_attestation',
    { claims: { aud: [server, 'https://o.example'] } },
  ],
  'ABCA-3: another client': ['invalid_client_attestation', { claims: { iss: 'another' } }],
  'ABCA-3: no jti': ['invalid_client_attestation', { claims: { jti: undefined } }],
  'ABCA-3: an empty jti': ['invalid_client_attestation', { claims: { jti: '' } }],
  'ABCA-3: no iat': ['invalid_client_attestation', { claims: { iat: undefined } }],
  'ABCA-4: an iat of longer ago': ['invalid_client_attestation', { claims: { iat: iat - 301 } }],
  'FAPI-1: an iat of more than a minute in the future': ['invalid_client_attestation', { claims: { iat: iat + 61 } }],
  'ABCA-3: exp in the past': ['invalid_client_attestation', { claims: { exp: iat - 61 } }],
  'ABCA-5: a challenge that is no string': ['invalid_client_attestation', { claims: { challenge: 7 } }],
  'ABCA-6: no challenge': ['use_attestation_challenge', { claims: { challenge: undefined } }],
  'ABCA-6: an old challenge': ['use_attestation_challenge', { claims: { challenge: 'old' } }],
  'ABCA-6: an old challenge for another server': [
    'invalid_client_attestation',
    { claims: { challenge: 'old', aud: 'x' } },
  ],
}
for (const [title, [code, overrides]] of Object.entries(broken))
  test(`${title} in a proof of possession is refused`, (t) => t.is(refusalOf(pop(overrides)), code))

test('ABCA-1: what is no JWT, or several in one header, is refused with a sentence that repeats none of it', (t) => {
  const say = (jwt: string) => refusalIn(() => verifyClientAttestation(jwt, trust))
  for (const jwt of ['', `${attestation()}, ${attestation()}`, `${attestation()}~${pop()}`, 'x'.repeat(20_000)])
    t.is(say(jwt)?.code, 'invalid_client_attestation')
  fc.assert(fc.property(fc.string(), (text) => say(text)?.code === 'invalid_client_attestation'))
  const claims = fc.dictionary(fc.constantFrom('iss', 'sub', 'exp', 'iat', 'cnf', 'wallet_name'), fc.jsonValue())
  fc.assert(
    fc.property(claims, (members) => {
      const error = say(attestation({ claims: members }))
      return error === undefined || /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(error.message)
    }),
    { numRuns: 50 },
  )
})

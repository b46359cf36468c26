import { deflateSync } from 'node:zlib'
import test from 'ava'
import fc from 'fast-check'
import { certificatesOf } from '../../src/lib/certificate-path.ts'
import { verifyKeyAttestation } from '../../src/protocol/key-attestation.ts'
import { readStatusListToken, statusAt as statusIn } from '../../src/protocol/status-list-token.ts'
import type { TrustedAttester } from '../../src/protocol/trusted-attester.ts'
import { type JwtOverrides, makeKey, signJwt } from '../../src/wallet/keys.ts'
import { makeAttester } from '../support/attester.ts'
import { makeStatusList, statusAt, wrongChains } from '../support/key-attester.ts'
import { refusalIn } from '../support/refusals.ts'

const now = new Date('2026-11-24T12:00:00Z')
const iat = now.getTime() / 1000
const attester = await makeAttester('Keys', now)
const trusted = (id: string, certificates: string): TrustedAttester => {
  return { id, anchors: certificatesOf(certificates), issuer: undefined, clientIds: undefined }
}
const chains = await wrongChains(attester, now)
const keys = [makeKey(), makeKey('ES384'), makeKey('EdDSA')]
const expected = {
  attesters: [trusted('keys', attester.certificates)],
  algorithms: ['ES256', 'ES384', 'EdDSA'],
  now,
  skewSeconds: 60,
  required: {} as { key_storage?: string[]; user_authentication?: string[] },
  needsExpiry: true,
  mostKeys: 3,
}
const attest = (overrides: JwtOverrides = {}, of = keys) =>
  attester.attestKeys({ keys: of, nonce: 'fresh', now }, overrides)
const verify = (jwt: string, changes: Partial<typeof expected> = {}) =>
  verifyKeyAttestation(jwt, { ...expected, ...changes })

const refusal = (jwt: string, changes: Partial<typeof expected> = {}) => refusalIn(() => verify(jwt, changes))

test('VCI-102, HAIP-22, HAIP-23: an attestation of a trusted attester yields its keys, its nonce and its status', (t) => {
  const marked = attest({ claims: { attested_keys: keys.map(({ jwk }) => ({ ...jwk, kid: 'mine', use: 'sig' })) } })
  const read = verify(marked)
  t.deepEqual(
    read.keys,
    keys.map(({ jwk, thumbprint }) => ({ jwk: { ...jwk }, thumbprint })),
  )
  t.is(read.attester.id, 'keys')
  t.is(read.nonce, 'fresh')
  t.is(read.status, undefined)
  const uri = 'https://attester.example/list'
  t.deepEqual(verify(attest({ claims: statusAt(uri, 7) })).status, { uri, index: 7 })
})

test('VCI-104: of several attesters the one counts whose anchor the chain leads to', async (t) => {
  const other = trusted('other', (await makeAttester('Other', now)).certificates)
  t.is(verify(attest(), { attesters: [other, ...expected.attesters] }).attester.id, 'keys')
  t.is(refusal(attest(), { attesters: [other] })?.code, 'invalid_proof')
  t.is(refusal(attest(), { attesters: [] })?.code, 'invalid_proof')
})

test('VCI-103: of each list of levels one that is enough has to be attested, without an order among them', (t) => {
  const attested = { key_storage: ['iso_18045_high', 'of-our-own'], user_authentication: ['iso_18045_basic'] }
  const jwt = attest({ claims: attested })
  const enough: (typeof expected.required)[] = [
    {},
    { key_storage: ['iso_18045_high'] },
    { key_storage: ['iso_18045_moderate', 'of-our-own'] },
    { key_storage: ['iso_18045_high'], user_authentication: ['iso_18045_moderate', 'iso_18045_basic'] },
  ]
  for (const required of enough) t.is(refusal(jwt, { required }), undefined, JSON.stringify(required))
  const tooMuch: (typeof expected.required)[] = [
    { key_storage: ['iso_18045_moderate'] },
    { key_storage: ['iso_18045_enhanced-basic', 'iso_18045_basic'] },
    { key_storage: ['iso_18045_high'], user_authentication: ['iso_18045_high'] },
  ]
  for (const required of tooMuch) t.is(refusal(jwt, { required })?.code, 'invalid_proof', JSON.stringify(required))
  for (const key_storage of [undefined, 'iso_18045_high', {}, [], null]) {
    const without = attest({ claims: { key_storage } })
    t.is(refusal(without, { required: { key_storage: ['iso_18045_high'] } })?.code, 'invalid_proof')
    t.is(refusal(without), undefined, 'nobody asked')
  }
})

const accepted: Record<string, [JwtOverrides, Partial<typeof expected>?]> = {
  'VCI-102: the typ of draft 15 is read': [{ header: { typ: 'keyattestation+jwt' } }],
  'VCI-102: an attestation that is the proof may have no exp': [{ claims: { exp: undefined } }, { needsExpiry: false }],
  'VCI-105: iat may be slightly in the future': [{ claims: { iat: iat + 60 } }],
  'VCI-102: exp may have passed by as much as clocks differ': [{ claims: { exp: iat - 59 } }],
  'VCI-102: members that nobody knows are ignored': [
    { claims: { certification: 'https://x.example', iss: 'x', own: {} } },
  ],
}
for (const [title, [overrides, changes]] of Object.entries(accepted))
  test(title, (t) => t.is(refusal(attest(overrides), changes), undefined))

const jwks = keys.map(({ jwk }) => jwk)
const refused: Record<string, [JwtOverrides, Partial<typeof expected>?]> = {
  'VCI-102: another typ': [{ header: { typ: 'JWT' } }],
  'VCI-102: a wallet attestation for a key attestation': [{ header: { typ: 'oauth-client-attestation+jwt' } }],
  'VCI-98: alg none': [{ header: { alg: 'none' } }],
  'VCI-98: a symmetric alg': [{ header: { alg: 'HS256' } }],
  'VCI-98: an alg that is not listed': [{}, { algorithms: ['ES384'] }],
  'VCI-102: no iat': [{ claims: { iat: undefined } }],
  'VCI-102: an iat in quotes': [{ claims: { iat: String(iat) } }],
  'VCI-105: an iat in the future': [{ claims: { iat: iat + 61 } }],
  'VCI-102: nbf in the future': [{ claims: { nbf: iat + 61 } }],
  'VCI-98: no exp in a jwt proof': [{ claims: { exp: undefined } }],
  'VCI-102: an exp that has passed': [{ claims: { exp: iat - 60 } }],
  'VCI-102: an exp that has passed, though none is needed': [{ claims: { exp: iat - 60 } }, { needsExpiry: false }],
  'VCI-102: an exp in quotes': [{ claims: { exp: '9999999999' } }, { needsExpiry: false }],
  'VCI-98: no nonce': [{ claims: { nonce: undefined } }],
  'VCI-98: an empty nonce': [{ claims: { nonce: '' } }],
  'VCI-98: a nonce that is no string': [{ claims: { nonce: 7 } }],
  'VCI-102: no attested_keys': [{ claims: { attested_keys: undefined } }],
  'VCI-102: empty attested_keys': [{ claims: { attested_keys: [] } }],
  'VCI-102: attested_keys that are a key set': [{ claims: { attested_keys: { keys: jwks } } }],
  'VCI-102: something in attested_keys that is no key': [{ claims: { attested_keys: [...jwks.slice(1), 'x'] } }],
  'VCI-102: a private key': [{ claims: { attested_keys: [{ ...jwks[0], d: 'AAAA' }] } }],
  'VCI-102: an RSA key': [{ claims: { attested_keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }] } }],
  'VCI-72: one key twice': [{ claims: { attested_keys: [jwks[0], { ...jwks[0], kid: 'again' }] } }],
  'VCI-65: more keys than the batch may have': [{}, { mostKeys: 2 }],
  'VCI-104: a status that is no object': [{ claims: { status: 'valid' } }],
  'VCI-104: a status of another mechanism': [
    { claims: { status: { identifier_list: { id: 'x', uri: 'https://x' } } } },
  ],
  'VCI-104: a negative index of status': [{ claims: statusAt('https://attester.example/list', -1) }],
  'VCI-104: a status list without an address': [{ claims: statusAt('', 1) }],
}
for (const [title, [overrides, changes]] of Object.entries(refused))
  test(`${title} is refused in a key attestation`, (t) => {
    t.is(refusal(attest(overrides), changes)?.code, 'invalid_proof')
  })

for (const [name, overrides] of Object.entries(chains))
  test(`HAIP-22: a key attestation ${name} is refused`, (t) => {
    t.is(refusal(attest(overrides))?.code, 'invalid_proof')
  })

test('VCI-104: an attestation below a certificate that has expired is refused', (t) => {
  const later = new Date(now.getTime() + 20 * 365 * 86_400_000)
  const exp = later.getTime() / 1000 + 300
  t.is(refusal(attest({ claims: { exp } }), { now: later })?.code, 'invalid_proof')
})

test('VCI-81: hostile key attestations make nothing but invalid_proof, whose sentence repeats none of them', (t) => {
  fc.assert(fc.property(fc.string(), (text) => refusal(text)?.code === 'invalid_proof'))
  const claims = fc.dictionary(
    fc.constantFrom('iat', 'exp', 'nbf', 'nonce', 'status', 'key_storage', 'attested_keys', '__proto__'),
    fc.jsonValue(),
  )
  fc.assert(
    fc.property(claims, (members) => {
      const error = refusal(attest({ claims: { attested_keys: undefined, ...members } }))
      return error?.code === 'invalid_proof' && /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/.test(error.message)
    }),
    { numRuns: 200 },
  )
  t.is(refusal(signJwt(makeKey(), { typ: 'key-attestation+jwt', alg: 'ES256' }, {}))?.code, 'invalid_proof')
})

const uri = 'https://attester.example/list'
const reading = { uri, anchors: expected.attesters[0]!.anchors, algorithms: ['ES256'], now, skewSeconds: 60 }
const list = (overrides: JwtOverrides = {}) =>
  makeStatusList(attester, { uri, entries: { 0: 1, 3: 2, 5: 3 }, now }, overrides)

test('VCI-104: the entries of an attester-signed list are read from the least significant bit on', (t) => {
  const read = readStatusListToken(list(), reading)
  t.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map((index) => statusIn(read, index)),
    [1, 0, 0, 2, 0, 3, 0],
  )
  t.is(statusIn(read, 63), 0)
  t.is(statusIn(read, 64), undefined, 'beyond its end nothing is valid')
  for (const bits of [1, 4, 8]) {
    const wide = makeStatusList(attester, { uri, bits, entries: { 9: 1 }, now })
    const entries = readStatusListToken(wide, reading)
    t.deepEqual(
      [8, 9, 10].map((index) => statusIn(entries, index)),
      [0, 1, 0],
      `${bits} bits`,
    )
  }
})

test('VCI-104: the lists that the draft prints read as it says', (t) => {
  const one = { bits: 1, bytes: Buffer.from('b9a3', 'hex') }
  const expectedOne = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
  t.deepEqual(
    expectedOne.map((_, index) => statusIn(one, index)),
    expectedOne,
  )
  const two = { bits: 2, bytes: Buffer.from('c944f9', 'hex') }
  const expectedTwo = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
  t.deepEqual(
    expectedTwo.map((_, index) => statusIn(two, index)),
    expectedTwo,
  )
})

test('VCI-104: a list is kept as long as its ttl, never beyond its exp and never for more than an hour', (t) => {
  const kept = (claims: Record<string, unknown>) => readStatusListToken(list({ claims }), reading).keepSeconds
  t.is(kept({ ttl: 60 }), 60)
  t.is(kept({ ttl: 86_400, exp: undefined }), 3600)
  t.is(kept({ ttl: 86_400, exp: iat + 120 }), 120)
  t.is(kept({ ttl: undefined, exp: undefined }), 300)
  t.is(kept({ ttl: -5, exp: undefined }), 300)
})

const bomb = deflateSync(Buffer.alloc(64 * 2 ** 20)).toString('base64url')
const wrongLists: Record<string, JwtOverrides> = {
  'of another typ': { header: { typ: 'JWT' } },
  'for another address': { claims: { sub: `${uri}/2` } },
  'signed by another key': { key: makeKey() },
  'that has expired': { claims: { exp: iat } },
  'without iat': { claims: { iat: undefined } },
  'of the future': { claims: { iat: iat + 61 } },
  'without entries': { claims: { status_list: undefined } },
  'of three bits': { claims: { status_list: { bits: 3, lst: 'eNpjYGAAAAADAAE' } } },
  'that is not compressed': { claims: { status_list: { bits: 1, lst: 'AAAA' } } },
  'that is not base64url': { claims: { status_list: { bits: 1, lst: '+/=' } } },
  'that inflates without end': { claims: { status_list: { bits: 1, lst: bomb } } },
  'with the anchor in its chain': { header: { x5c: [...attester.x5c, attester.root.toString('base64')] } },
}
for (const [name, overrides] of Object.entries(wrongLists))
  test(`VCI-104: a list ${name} is refused`, (t) => {
    t.throws(() => readStatusListToken(list(overrides), reading), { name: 'Error' })
  })

import { createHash } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import { decodeBase58, encodeBase58 } from '../../src/lib/base58.ts'
import { encodeBase64url } from '../../src/lib/base64url.ts'
import { InvalidJws } from '../../src/lib/jwk.ts'
import { didOfKey, keyOfDid, keyUrlOfDid } from '../../src/protocol/did-key.ts'
import { makeKey } from '../../src/wallet/keys.ts'

/** Test vectors that the did:key and did:jwk specifications print. */
const printed: [string, Record<string, string>][] = [
  [
    'did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169',
    {
      crv: 'P-256',
      kty: 'EC',
      x: 'fyNYMN0976ci7xqiSdag3buk-ZCwgXU4kz9XNkBlNUI',
      y: 'hW2ojTNfH7Jbi8--CJUo3OCbH3y5n91g-IMA9MLMbTU',
    },
  ],
  [
    'did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv',
    {
      crv: 'P-256',
      kty: 'EC',
      x: 'igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns',
      y: 'efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM',
    },
  ],
  [
    'did:key:z82Lm1MpAkeJcix9K8TMiLd5NMAhnwkjjCBeWHXyu3U4oT2MVJJKXkcVBgjGhnLBn2Kaau9',
    {
      crv: 'P-384',
      kty: 'EC',
      x: 'lInTxl8fjLKp_UCrxI0WDklahi-7-_6JbtiHjiRvMvhedhKVdHBfi2HCY8t_QJyc',
      y: 'y6N1IC-2mXxHreETBW7K3mBcw0qGr3CWHCs-yl09yCQRLcyfGv7XhqAngHOu51Zv',
    },
  ],
  [
    'did:key:z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54',
    {
      crv: 'P-384',
      kty: 'EC',
      x: 'CA-iNoHDg1lL8pvX3d1uvExzVfCz7Rn6tW781Ub8K5MrDf2IMPyL0RTDiaLHC1JT',
      y: 'Kpnrn8DkXUD3ge4mFxi-DKr0DYO2KuJdwNBrhzLRtfMa3WFMZBiPKUPfJj8dYNl_',
    },
  ],
  [
    'did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9',
    {
      crv: 'P-256',
      kty: 'EC',
      x: 'acbIQiuMs3i8_uszEjJ2tpTtRM4EU3yz91PH6CdH2V0',
      y: '_KcyLj9vWMptnmKtm46GqDz8wf74I5LKgrl2GzH3nSE',
    },
  ],
]

test('VCI-95: the keys of the DIDs that did:key and did:jwk print are found, and the DIDs of the keys', (t) => {
  for (const [did, jwk] of printed) {
    const method = did.startsWith('did:key:') ? 'did:key' : 'did:jwk'
    t.deepEqual(keyOfDid(keyUrlOfDid(did)), { did, method, jwk }, did)
    t.deepEqual(keyOfDid(did).jwk, jwk, 'a DID alone names its only key')
    t.is(didOfKey(jwk, method), did)
  }
})

test('VCI-95: an Ed25519 did:key is found', (t) => {
  const { jwk } = keyOfDid('did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK')
  t.like(jwk, { crv: 'Ed25519', kty: 'OKP' })
  t.is(didOfKey(jwk, 'did:key'), 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK')
})

test('VCI-95: every key of a supported kind comes back from its DID', (t) => {
  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
    for (const method of ['did:key', 'did:jwk'] as const) {
      for (const { jwk } of Array.from({ length: 8 }, () => makeKey(algorithm)))
        t.deepEqual(keyOfDid(keyUrlOfDid(didOfKey(jwk, method))).jwk, { ...jwk }, `${algorithm} ${method}`)
    }
  }
})

const didJwk = (value: unknown) => `did:jwk:${encodeBase64url(JSON.stringify(value))}`
const [p256] = printed[0]!
const key = makeKey()
const point = [key.jwk.x, key.jwk.y].map((coordinate) => Buffer.from(String(coordinate), 'base64url'))
const refused: Record<string, string> = {
  'another method': 'did:web:wallet.example',
  'a method with a letter in upper case': p256.replace('did:key', 'did:Key'),
  'no DID': 'key-1',
  'a path': `${p256}/path#0`,
  'another fragment of did:key': `${p256}#key-1`,
  'another fragment of did:jwk': `${didJwk(key.jwk)}#1`,
  secp256k1: 'did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme',
  X25519: 'did:key:z6LSeu9HkTHSfLLeUs2nnzUSNedgDUevfNQgQjQC23ZCit6F',
  'RSA in did:jwk': didJwk({ kty: 'RSA', n: 'AQAB', e: 'AQAB' }),
  'a private key in did:jwk': didJwk({ ...key.jwk, d: 'AAAA' }),
  'no JSON in did:jwk': 'did:jwk:AAAA',
  'a list in did:jwk': didJwk([key.jwk]),
  'another base': `did:key:u${p256.slice('did:key:z'.length)}`,
  'a letter that base58 does not have': p256.replace('zDn', 'z0n'),
  'a key that is too short': p256.slice(0, -2),
  'an uncompressed point': `did:key:z${encodeBase58(Buffer.concat([Buffer.from([0x80, 0x24, 4]), ...point]))}`,
  'a point not on the curve': `did:key:z${encodeBase58(Buffer.concat([Buffer.from([0x80, 0x24, 2]), Buffer.alloc(32, 0xff)]))}`,
  'a very long text': `did:key:z${'2'.repeat(1500)}`,
}
for (const [name, didUrl] of Object.entries(refused)) {
  test(`VCI-95: a kid that is ${name} has no key`, (t) => {
    t.throws(() => keyOfDid(didUrl), { instanceOf: InvalidJws })
  })
}

test('draft-msporny-base58 §5: the printed examples, and everything comes back', (t) => {
  t.is(encodeBase58(Buffer.from('Hello World!')), '2NEpo7TZRRrLZSi2U')
  t.is(encodeBase58(Buffer.from('0000287fb4cd', 'hex')), '11233QC4')
  t.deepEqual(decodeBase58('11233QC4'), Buffer.from('0000287fb4cd', 'hex'))
  t.is(decodeBase58('0'), undefined)
  const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array))
  fc.assert(fc.property(bytes, (buffer) => decodeBase58(encodeBase58(buffer))?.equals(buffer) === true))
  t.is(decodeBase58(encodeBase58(createHash('sha256').digest()))?.length, 32)
})

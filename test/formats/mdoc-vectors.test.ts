import { createHash, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import test from 'ava'
import { formats } from '../../src/formats/index.ts'
import { WalletError } from '../../src/wallet/errors.ts'
import { decodeMdoc } from '../../src/wallet/mdoc.ts'
import { configurationOf, requestFor } from '../support/format-request.ts'
import { licence, licenceClaims, namespace } from '../support/licence.ts'
import { decodeStrictly, type Tagged } from '../support/strict-cbor.ts'

/** The mdoc of ISO/IEC 18013-5:2021 Annex D.4.1.2 as its issuer signed it, without the portrait. */
const annexD = readFileSync(new URL('../support/fixtures/annex-d-mdl.txt', import.meta.url), 'utf8').replaceAll(
  '\n',
  '',
)

const mdoc = formats.get('mso_mdoc')!
const changed = (find: string, by: string) => {
  const raw = Buffer.from(annexD, 'base64url')
  raw.write(by, raw.lastIndexOf(find), 'latin1')
  return raw.toString('base64url')
}

test('MDOC-1, MDOC-3: the mdoc that ISO/IEC 18013-5 prints is read as it says', (t) => {
  const { docType, claims, deviceKey, validFrom, validUntil } = decodeMdoc(annexD)
  t.is(docType, 'org.iso.18013.5.1.mDL')
  t.deepEqual(claims, {
    [namespace]: {
      family_name: 'Doe',
      issue_date: '2019-10-20',
      expiry_date: '2024-10-20',
      document_number: '123456789',
      driving_privileges: [
        { vehicle_category_code: 'A', issue_date: '2018-08-09', expiry_date: '2024-10-20' },
        { vehicle_category_code: 'B', issue_date: '2017-02-23', expiry_date: '2024-10-20' },
      ],
    },
  })
  t.like(deviceKey, { kty: 'EC', crv: 'P-256' })
  t.is(Buffer.from(String(deviceKey.x), 'base64url').toString('hex').slice(0, 16), '96313d6c63e24e33')
  t.deepEqual([validFrom, validUntil], [new Date('2020-10-01T13:30:02Z'), new Date('2021-10-01T13:30:02Z')])
})

test('MDOC-2, MDOC-4: the published signature and digests verify, and nothing that was changed does', (t) => {
  const read = decodeMdoc(annexD)
  const leaf = new X509Certificate(read.x5chain[0]!)
  t.regex(leaf.subject, /utopia ds/)
  t.true(read.digestsMatch && read.isSignedBy(leaf))

  t.false(decodeMdoc(changed('Doe', 'Roe')).digestsMatch)
  t.false(decodeMdoc(changed('2021-10-01T13', '2029-10-01T13')).isSignedBy(leaf))
})

test('MDOC-6: what is issued has definite lengths and the shortest heads throughout, also in large numbers', async (t) => {
  const numbers = {
    least: -5_000_000_000,
    large: 5_000_000_000,
    largest: Number.MAX_SAFE_INTEGER,
    small: 23,
    word: 65_536,
  }
  const configuration = configurationOf({
    format: 'mso_mdoc',
    doctype: 'org.example.1.numbers',
    claims: Object.fromEntries([
      ...Object.keys(numbers).map((name) => [`org.example.1/${name}`, { from: `offer.${name}`, type: 'integer' }]),
      ['org.example.1/inner', { from: 'offer.inner', type: 'object' }],
    ]),
  })
  const claims = { 'org.example.1': { ...numbers, inner: { large: 5_000_000_000 } } }
  const credential = await mdoc.issue(requestFor(configuration, { claims }))
  const issuerSigned = decodeStrictly(Buffer.from(credential, 'base64url')) as Map<string, Map<string, Tagged[]>>
  const values = new Map(
    issuerSigned
      .get('nameSpaces')!
      .get('org.example.1')!
      .map(({ value }) => decodeStrictly(value as Buffer) as Map<string, unknown>)
      .map((item) => [item.get('elementIdentifier'), item.get('elementValue')]),
  )
  for (const [name, number] of Object.entries(numbers)) t.is(values.get(name), number, name)
  t.deepEqual(values.get('inner'), new Map([['large', 5_000_000_000]]))
  const float = Buffer.alloc(9, 0xfb)
  float.writeDoubleBE(5_000_000_000, 1)
  t.false(Buffer.from(credential, 'base64url').includes(float), 'an integer stays one')
})

test('MDOC-4: the digests are of the bytes received, whatever a reader makes of them', async (t) => {
  const raw = Buffer.from(await mdoc.issue(requestFor(licence, { claims: licenceClaims })), 'base64url')
  const issuerSigned = decodeStrictly(raw) as Map<string, unknown>
  const payload = (issuerSigned.get('issuerAuth') as Buffer[])[2]!
  const mso = decodeStrictly((decodeStrictly(payload) as Tagged).value as Buffer) as Map<
    string,
    Map<string, Map<number, Buffer>>
  >
  const items = (issuerSigned.get('nameSpaces') as Map<string, Tagged[]>).get(namespace)!
  t.is(items.length, Object.keys(licenceClaims[namespace]).length)
  for (const item of items) {
    t.is(item.tag, 24)
    const content = decodeStrictly(item.value as Buffer) as Map<string, unknown>
    const digest = mso
      .get('valueDigests')!
      .get(namespace)!
      .get(content.get('digestID') as number)
    t.deepEqual(createHash('sha256').update(item.raw).digest(), digest, String(content.get('elementIdentifier')))
  }
})

test('VCI-112: whatever a wallet is given as an mdoc, it is read or refused as no credential', (t) => {
  const raw = Buffer.from(annexD, 'base64url')
  let refusals = 0
  for (let at = 0; at < raw.length; at++) {
    for (const byte of [0x00, 0xa0, 0xf6, raw.readUInt8(at) ^ 1]) {
      const bytes = Buffer.from(raw)
      bytes[at] = byte
      try {
        decodeMdoc(bytes.toString('base64url'))
      } catch (error) {
        refusals++
        if (!(error instanceof WalletError)) t.fail(`${at}, ${byte}: ${error}`)
      }
    }
  }
  t.true(refusals > 1000)
})

test('MDOC-5: signed, validFrom and validUntil are tdates in UTC without fractions, of a whole hour, in this order', async (t) => {
  const issuedAt = new Date('2026-11-24T12:34:56.789Z')
  const raw = Buffer.from(await mdoc.issue(requestFor(licence, { claims: licenceClaims, issuedAt })), 'base64url')
  const payload = ((decodeStrictly(raw) as Map<string, unknown>).get('issuerAuth') as Buffer[])[2]!
  const mso = decodeStrictly((decodeStrictly(payload) as Tagged).value as Buffer) as Map<string, Map<string, Tagged>>
  t.deepEqual(
    [...mso.get('validityInfo')!].map(([name, { tag, value }]) => [name, tag, value]),
    [
      ['signed', 0, '2026-11-24T12:00:00Z'],
      ['validFrom', 0, '2026-11-24T12:00:00Z'],
      ['validUntil', 0, '2027-02-22T12:00:00Z'],
    ],
  )
})

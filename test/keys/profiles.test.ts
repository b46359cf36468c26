import 'reflect-metadata'
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  X509Certificate as Certificate,
  CRLDistributionPointsExtension,
  ExtendedKeyUsageExtension,
  IssuerAlternativeNameExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Crl,
} from '@peculiar/x509'
import test from 'ava'
import { makeDocumentSigner, makeRoot, pemOf } from '../../src/keys/certificates.ts'
import { listedAt, makeRevocationList } from '../../src/keys/revocation-list.ts'
import { generateKey } from '../../src/keys/software.ts'
import { hasOpenssl, textOf, verifyWithList } from '../support/openssl.ts'

const now = new Date()
const dayMs = 86_400_000
const crl = 'https://issuer.example/acme/staff/crl'
const terms = { country: 'SE', contact: 'help@acme.example', crl }
const root = await makeRoot({ name: 'ACME Söner root', now, ...terms })
const anchor = new Certificate(root.certificate)

const make = (changes: Partial<Parameters<typeof makeDocumentSigner>[0]> = {}) =>
  makeDocumentSigner({
    root: root.certificate,
    rootKey: root.privateKeyPkcs8,
    subjectName: 'ACME document signer',
    publicJwk: generateKey('ES256').publicJwk,
    hosts: ['issuer.example'],
    identifiers: ['https://issuer.example/acme/staff'],
    now,
    ...terms,
    ...changes,
  })
const listOf = (serials: string[], thisUpdate = now) =>
  makeRevocationList({
    root: root.certificate,
    rootKey: root.privateKeyPkcs8,
    revoked: serials.map((serial) => ({ serial, revokedAt: now })),
    thisUpdate,
  })
const serialOf = (certificate: Buffer) => new X509Certificate(certificate).serialNumber.toLowerCase()
const onlyWith = hasOpenssl ? test : test.skip

for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
  test(`MDOC-8: ${algorithm}: a document signer has the profile of ISO/IEC 18013-5 B.1.4`, async (t) => {
    const { publicJwk } = generateKey(algorithm)
    const der = await make({ profile: 'mso_mdoc', publicJwk })
    const leaf = new Certificate(der)
    t.deepEqual(leaf.subjectName.toJSON(), [{ C: ['SE'] }, { CN: ['ACME document signer'] }])
    t.deepEqual(Buffer.from(leaf.issuerName.toArrayBuffer()), Buffer.from(anchor.subjectName.toArrayBuffer()))

    const usage = leaf.getExtension(KeyUsagesExtension)!
    t.deepEqual([usage.usages, usage.critical], [KeyUsageFlags.digitalSignature, true])
    const purpose = leaf.getExtension(ExtendedKeyUsageExtension)!
    t.deepEqual([[...purpose.usages], purpose.critical], [['1.0.18013.5.1.2'], true])
    const asked = leaf.getExtension(IssuerAlternativeNameExtension)!
    t.deepEqual(asked.names.toJSON(), [{ type: 'email', value: 'help@acme.example' }])
    const [point] = leaf.getExtension(CRLDistributionPointsExtension)!.distributionPoints
    t.deepEqual([point?.distributionPoint?.fullName?.[0]?.uniformResourceIdentifier, point?.reasons], [crl, undefined])
    const hosts = leaf.getExtension(SubjectAlternativeNameExtension)!
    t.deepEqual(hosts.names.toJSON(), [{ type: 'dns', value: 'issuer.example' }])

    t.truthy(leaf.getExtension(SubjectKeyIdentifierExtension)?.keyId)
    const authority = leaf.getExtension(AuthorityKeyIdentifierExtension)?.keyId
    t.is(authority, anchor.getExtension(SubjectKeyIdentifierExtension)?.keyId)
    t.true(leaf.notAfter.getTime() - leaf.notBefore.getTime() <= 457 * dayMs)
    t.deepEqual(
      [...leaf.extensions].filter(({ critical }) => critical).map(({ type }) => type),
      ['2.5.29.15', '2.5.29.37'],
      'nothing else is critical',
    )
    t.true(new X509Certificate(der).verify(new X509Certificate(root.certificate).publicKey))
  })
}

test('MDOC-8: the root has the profile of ISO/IEC 18013-5 B.1.2: country, contact, CRL and no authorities below it', (t) => {
  t.deepEqual(anchor.subjectName.toJSON(), [{ C: ['SE'] }, { CN: ['ACME Söner root'] }])
  t.is(anchor.subject, anchor.issuer)
  t.is(anchor.getExtension(KeyUsagesExtension)?.usages, KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign)
  t.deepEqual(anchor.getExtension(IssuerAlternativeNameExtension)?.names.toJSON(), [
    { type: 'email', value: 'help@acme.example' },
  ])
  t.truthy(anchor.getExtension(CRLDistributionPointsExtension))
})

test('MDOC-8: without an address to write to, the issuer alternative name is a URI', async (t) => {
  const leaf = new Certificate(await make({ profile: 'mso_mdoc', contact: 'https://issuer.example/acme/staff' }))
  t.deepEqual(leaf.getExtension(IssuerAlternativeNameExtension)?.names.toJSON(), [
    { type: 'url', value: 'https://issuer.example/acme/staff' },
  ])
})

test('HAIP-30: the certificate of a JWS says where its revocation is listed, and nothing of mdocs', async (t) => {
  const leaf = new Certificate(await make())
  t.truthy(leaf.getExtension(CRLDistributionPointsExtension))
  t.is(leaf.getExtension(ExtendedKeyUsageExtension), null)
})

onlyWith(
  'MDOC-8, RFC 5280 §5: another reader follows both profiles to the root, until the list has them',
  async (t) => {
    const leaves = await Promise.all([make(), make({ profile: 'mso_mdoc' })])
    const pem = pemOf(root.certificate)
    const [none, both] = [await listOf([]), await listOf(leaves.map(serialOf))]
    for (const leaf of leaves) {
      const before = verifyWithList(pemOf(leaf), pem, none)
      t.true(before.isGood, before.said)
      const after = verifyWithList(pemOf(leaf), pem, both)
      t.false(after.isGood)
      t.regex(after.said, /certificate revoked/)
    }
    const said = textOf(pemOf(leaves[1]!))
    t.regex(said, /Extended Key Usage: critical\s+1\.0\.18013\.5\.1\.2/)
    t.regex(said, /Issuer Alternative Name:\s+email:help@acme\.example/)
  },
)

onlyWith('RFC 5280 §5: a list that another root signed is not believed', async (t) => {
  const leaf = await make()
  const other = await makeRoot({ name: 'ACME Söner root', now, ...terms })
  const list = await makeRevocationList({
    ...{ root: other.certificate, rootKey: other.privateKeyPkcs8, revoked: [], thisUpdate: now },
  })
  t.false(verifyWithList(pemOf(leaf), pemOf(root.certificate), list).isGood)
})

test('RFC 5280 §5.1.2, §5.2.3: a list is dated, numbered upwards, signed by the root, and says why', async (t) => {
  const serials = Array.from({ length: 20 }, () => randomBytes(16).toString('hex'))
  const list = new X509Crl(await listOf(serials))
  t.is(list.issuer, anchor.subject)
  t.true(await list.verify({ publicKey: anchor.publicKey }))
  t.is(list.nextUpdate!.getTime() - list.thisUpdate.getTime(), 7 * dayMs)
  for (const serial of serials) t.is(list.findRevoked(serial)?.reason, 1, serial)
  const numberOf = ({ extensions }: X509Crl) =>
    BigInt(
      `0x${Buffer.from(extensions.find(({ type }) => type === '2.5.29.20')!.value)
        .subarray(2)
        .toString('hex')}`,
    )
  const later = new X509Crl(await listOf(serials, new Date(now.getTime() + 3_600_000)))
  t.is(numberOf(later) - numberOf(list), 3600n)
  const old = new X509Crl(await listOf([], new Date('2038-06-01T00:00:00Z')))
  t.true(numberOf(old) > 0n, 'past 2^31 seconds the number is still positive')
})

test('RFC 5280 §5.1.2.4: all nodes date a list alike: at the full hour, or when the last certificate was revoked', (t) => {
  const at = (text: string) => new Date(`2026-11-24T${text}Z`)
  t.deepEqual(listedAt(at('12:34:56'), []), at('12:00:00'))
  t.deepEqual(listedAt(at('12:34:56'), [{ serial: 'a', revokedAt: at('12:10:00') }]), at('12:10:00'))
  t.deepEqual(listedAt(at('13:00:01'), [{ serial: 'a', revokedAt: at('12:10:00') }]), at('13:00:00'))
})

test('RFC 5280 §4.1.2.2: serial numbers are positive, and no two alike', async (t) => {
  const leaves = await Promise.all(Array.from({ length: 20 }, () => make()))
  t.is(new Set(leaves.map(serialOf)).size, leaves.length)
  for (const leaf of leaves) t.true(serialOf(leaf).length >= 16 && !serialOf(leaf).startsWith('-'))
  t.true(new X509Certificate(root.certificate).checkPrivateKey(privateKeyOf(root.privateKeyPkcs8)))
})

const privateKeyOf = (key: Buffer) => createPrivateKey({ key, format: 'der', type: 'pkcs8' })

import 'reflect-metadata'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { BasicConstraintsExtension, X509Certificate as Certificate } from '@peculiar/x509'
import test from 'ava'
import { makeDocumentSigner, makeRoot, pemOf } from '../../src/keys/certificates.ts'
import { generateKey } from '../../src/keys/software.ts'
import { namesHost, verifyChain } from '../../src/wallet/certificates.ts'

const now = new Date('2026-11-24T12:00:00Z')
const days = (from: Date, count: number) => new Date(from.getTime() + count * 86_400_000)
const root = await makeRoot({ name: 'Jönsson, O=Other & Söhne', now })
const anchor = new X509Certificate(root.certificate)
const { publicJwk } = generateKey('ES256')

const make = (changes: Partial<Parameters<typeof makeDocumentSigner>[0]> = {}) =>
  makeDocumentSigner({
    root: root.certificate,
    rootKey: root.privateKeyPkcs8,
    subjectName: 'ACME',
    publicJwk,
    hosts: ['issuer.example'],
    identifiers: ['https://issuer.example/acme/staff'],
    now,
    ...changes,
  })

test('RFC 5280 §4.2: a root signs itself, may sign leaves and revocation lists, and carries its name as it is', (t) => {
  t.true(anchor.ca)
  t.true(anchor.verify(anchor.publicKey) && anchor.checkPrivateKey(privateKeyOf(root.privateKeyPkcs8)))
  t.is(anchor.subject, 'CN=Jönsson\\, O=Other & Söhne')
  t.true(anchor.validFromDate < now)
  t.is(anchor.validToDate.getUTCFullYear(), 2036)
})

const privateKeyOf = (pkcs8: Buffer) => createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })

test('VCI-125, HAIP-30: a document signer leads to its root and names its issuers', async (t) => {
  const leaf = await make({
    hosts: ['issuer.example', '127.0.0.1', '[::1]', 'localhost', 'issuer.example'],
    identifiers: ['https://issuer.example/acme/staff', 'http://localhost:8080/demo/staff'],
  })
  const chain = verifyChain([leaf.toString('base64')], [pemOf(root.certificate)], now)
  t.is(chain.leaf.subject, 'CN=ACME')
  for (const host of ['issuer.example', 'localhost', '127.0.0.1', '[::1]']) {
    t.true(namesHost(chain.leaf, `https://${host}/acme`), host)
  }
  t.false(namesHost(chain.leaf, 'https://other.example/acme'))
  t.true(chain.leaf.subjectAltName?.includes('URI:https://issuer.example/acme/staff'))
  t.is(chain.leaf.subjectAltName?.match(/issuer\.example(,|$)/g)?.length, 1)
})

test('RFC 5280 §4.2.1.3, §4.2.1.9: a document signer signs documents and no certificates', async (t) => {
  const leaf = new X509Certificate(await make())
  t.false(leaf.ca)
  t.is(new Certificate(leaf.raw).getExtension(BasicConstraintsExtension)?.ca, false)
  t.not(leaf.subject, leaf.issuer)
  const sub = await makeDocumentSigner({
    root: leaf.raw,
    rootKey: root.privateKeyPkcs8,
    subjectName: 'Sub',
    publicJwk: generateKey('ES256').publicJwk,
    hosts: [],
    identifiers: [],
    now,
  })
  const chain = [sub, leaf.raw].map((certificate) => certificate.toString('base64'))
  t.throws(() => verifyChain(chain, [pemOf(root.certificate)], now), { message: /may not sign/ })
})

test('RFC 5280 §4.1.2.5: a document signer is valid at once, within its root, at most 457 days', async (t) => {
  const leaf = new X509Certificate(await make())
  t.true(leaf.validFromDate < days(now, -0.05))
  t.true(leaf.validFromDate >= anchor.validFromDate)
  t.is(leaf.validToDate.getTime() - leaf.validFromDate.getTime(), 457 * 86_400_000)
  const short = new X509Certificate(await make({ days: 30 }))
  t.is(short.validToDate.getTime(), days(short.validFromDate, 30).getTime())
  const late = new X509Certificate(await make({ now: days(anchor.validToDate, -10) }))
  t.is(late.validToDate.getTime(), anchor.validToDate.getTime())
})

test('VCI-125: when an issuer is added, the same key gets a new certificate under the same root', async (t) => {
  const [first, second] = [await make(), await make({ hosts: ['issuer.example', 'new.example'] })]
  const [before, after] = [new X509Certificate(first), new X509Certificate(second)]
  t.true(before.publicKey.equals(after.publicKey))
  t.not(before.serialNumber, after.serialNumber)
  t.true(namesHost(after, 'https://new.example/acme') && !namesHost(before, 'https://new.example/acme'))
  t.notThrows(() => verifyChain([second.toString('base64')], [pemOf(root.certificate)], now))
})

test('VCI-19: keys of every signing algorithm get a certificate', async (t) => {
  for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
    const leaf = new X509Certificate(await make({ publicJwk: generateKey(algorithm).publicJwk }))
    t.true(leaf.verify(anchor.publicKey), algorithm)
  }
})

test('RFC 5280 §A.1: a name that is longer than a certificate allows is cut, never half a letter', async (t) => {
  const leaf = new X509Certificate(await make({ subjectName: '🏛️é'.repeat(40), hosts: [], identifiers: [] }))
  t.is([...leaf.subject.slice('CN='.length)].length, 64)
})

test('RFC 7468 §5: PEM has the lines that other programs read', (t) => {
  const pem = pemOf(root.certificate)
  t.true(new X509Certificate(pem).raw.equals(root.certificate))
  t.true(pem.split('\n').every((line) => line.length <= 64))
})

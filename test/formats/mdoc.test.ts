import { createHash, X509Certificate } from 'node:crypto'
import test from 'ava'
import { Decoder, Encoder, Tag } from 'cbor-x'
import { formats } from '../../src/formats/index.ts'
import { decodeMdoc, isBoundTo } from '../../src/wallet/mdoc.ts'
import { holder, inDays, makeSigner, now, requestFor, root } from '../support/format-request.ts'
import { licenceClaims as claims, licence as configuration, namespace } from '../support/licence.ts'

const mdoc = formats.get('mso_mdoc')!
const issue = (changes: Parameters<typeof requestFor>[1] = {}) =>
  mdoc.issue(requestFor(configuration, { claims, ...changes }))

const settings = { useRecords: false, mapsAsObjects: false, tagUint8Array: false, variableMapSize: true }
const [encoder, decoder] = [new Encoder(settings), new Decoder(settings)]
const decode = (bytes: Uint8Array) => decoder.decode(bytes) as Map<string, unknown>
const rawItems = (credential: string) =>
  [...(decode(Buffer.from(credential, 'base64url')).get('nameSpaces') as Map<string, Tag[]>)].flatMap(([name, items]) =>
    items.map((item) => ({ namespace: name, item, content: decode(item.value as Uint8Array) })),
  )
const elementOf = (credential: string, element: string) =>
  rawItems(credential)
    .find(({ content }) => content.get('elementIdentifier') === element)
    ?.content.get('elementValue')

test('MDOC-4: the digests are of the tagged bytes as they were sent', async (t) => {
  const credential = await issue()
  const [, , payload] = decode(Buffer.from(credential, 'base64url')).get('issuerAuth') as unknown as [
    unknown,
    unknown,
    Uint8Array,
  ]
  const mso = decode((decoder.decode(payload) as Tag).value as Uint8Array)
  const digests = mso.get('valueDigests') as Map<string, Map<number, Uint8Array>>
  const raw = Buffer.from(credential, 'base64url')
  for (const { namespace: name, item, content } of rawItems(credential)) {
    const bytes = Buffer.from(encoder.encode(item))
    t.true(raw.includes(bytes), 'these bytes are in the answer')
    const digest = createHash('sha256').update(bytes).digest()
    t.deepEqual(Buffer.from(digests.get(name)!.get(content.get('digestID') as number)!), digest)
    t.true((content.get('random') as Uint8Array).length >= 16)
    t.deepEqual([...content.keys()], ['digestID', 'random', 'elementIdentifier', 'elementValue'])
  }
})

test('MDOC-4: digest ids are unique, and their order says nothing', async (t) => {
  const orders = new Set<string>()
  for (let round = 0; round < 20; round++) {
    const own = rawItems(await issue()).filter((one) => one.namespace === namespace)
    const ids = own.map(({ content }) => content.get('digestID') as number)
    t.is(new Set(ids).size, ids.length)
    orders.add(own.map(({ content }) => content.get('elementIdentifier')).join())
  }
  t.true(orders.size > 15)
})

test('MDOC-6: each element is of the type that its rule declares', async (t) => {
  const credential = await issue()
  const tag = (element: string) => elementOf(credential, element) as Tag
  t.like(tag('birth_date'), { tag: 1004, value: '1964-08-12' })
  t.true(Buffer.from(credential, 'base64url').includes(Buffer.from(encoder.encode(new Tag('2026-11-24T00:00:00Z', 0)))))
  t.deepEqual(Buffer.from(elementOf(credential, 'portrait') as Uint8Array), Buffer.from('/9j/4AAQ', 'base64'))
  t.is(elementOf(credential, 'age_over_18'), true)
  t.is(elementOf(credential, 'height'), 171)
  t.deepEqual(elementOf(credential, 'nationalities'), ['SE', 'FI'])
  const [privilege] = elementOf(credential, 'driving_privileges') as Map<string, Tag>[]
  t.like(privilege?.get('expiry_date'), { tag: 1004, value: '2028-08-09' })
})

test('MDOC-3, HAIP-33: the security object has version, SHA-256, doctype, device key and no more', async (t) => {
  const { docType, deviceKey, validFrom, validUntil, digestsMatch } = decodeMdoc(await issue())
  t.is(docType, 'org.iso.18013.5.1.mDL')
  t.deepEqual(deviceKey, holder.jwk)
  t.true(validFrom <= now && validUntil <= inDays(90) && validUntil > inDays(89))
  t.true(digestsMatch)
  const raw = Buffer.from(await issue(), 'base64url')
  t.true(raw.includes('SHA-256') && raw.includes(Buffer.from(encoder.encode('1.0'))))
})

test('MDOC-5, VCI-128: dates are tdates of whole hours, so that a batch shares no precise moment', async (t) => {
  const issuedAt = new Date('2026-11-24T12:34:56.789Z')
  const { validFrom } = decodeMdoc(await issue({ issuedAt }))
  t.is(validFrom.toISOString(), '2026-11-24T12:00:00.000Z')
  const short = decodeMdoc(await issue({ issuedAt, expiresAt: new Date('2026-11-24T13:34:56Z') }))
  t.is(short.validFrom.toISOString(), '2026-11-24T12:34:00.000Z')
  t.is(short.validUntil.toISOString(), '2026-11-24T13:34:00.000Z')
})

for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
  test(`VCI-19, VCI-112, MDOC-2: signed by ${algorithm}, under the certificate in x5chain`, async (t) => {
    const read = decodeMdoc(await issue({ signer: await makeSigner(algorithm) }))
    const [leaf, ...more] = read.x5chain.map((der) => new X509Certificate(der))
    t.is(more.length, 0, 'the root is not sent')
    t.true(read.isSignedBy(leaf!))
    t.true(leaf!.verify(new X509Certificate(root.certificate).publicKey))
    t.false(read.isSignedBy(new X509Certificate(root.certificate)))
    t.true(mdoc.algorithms(algorithm).every((one) => Number.isInteger(one)))
  })
}

test('HAIP-31, TSL-5: its status is in the security object', async (t) => {
  const status = { uri: 'https://issuer.example/acme/staff/status-lists/1', index: 4711 }
  t.deepEqual(decodeMdoc(await issue({ status })).status, { idx: 4711, uri: status.uri })
  t.is(decodeMdoc(await issue()).status, undefined)
})

test('VCI-72: bound to the key of the wallet, without which there is none', async (t) => {
  t.true(isBoundTo(decodeMdoc(await issue()), holder.thumbprint))
  await t.throwsAsync(issue({ holderKey: undefined }), { code: 'credential_request_denied' })
})

test('VCI-77, VCI-112: base64url without padding of IssuerSigned, which is no whole document', async (t) => {
  const credential = await issue()
  t.regex(credential, /^[A-Za-z0-9_-]+$/)
  t.deepEqual([...decode(Buffer.from(credential, 'base64url')).keys()], ['nameSpaces', 'issuerAuth'])
})

test('MDOC-4: what was changed on the way is noticed', async (t) => {
  const raw = Buffer.from(await issue(), 'base64url')
  const at = raw.indexOf('Alice')
  raw.write('Mallo', at)
  t.false(decodeMdoc(raw.toString('base64url')).digestsMatch)
})

test('VCI-110: what is at no rule of the configuration is not in it', async (t) => {
  const { claims: read } = decodeMdoc(await issue({ claims: { ...claims, 'org.evil.1': { admin: true } } }))
  t.deepEqual(Object.keys(read), [namespace, 'org.example.1'])
})

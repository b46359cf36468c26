import { randomBytes } from 'node:crypto'
import { Verifier } from '@auth0/mdl'
import test from 'ava'
import { Encoder } from 'cbor-x'
import { formats } from '../../src/formats/index.ts'
import { makeDocumentSigner, makeRoot, pemOf } from '../../src/keys/certificates.ts'
import { keyStores } from '../../src/keys/index.ts'
import { configurationOf, requestFor } from '../support/format-request.ts'
import { licenceClaims, namespace } from '../support/licence.ts'
import { decodeStrictly } from '../support/strict-cbor.ts'

// The library looks at the machine's clock.
const now = new Date()
const naming = { country: 'SE', contact: 'help@acme.example', crl: 'https://issuer.example/acme/staff/crl', now }
const root = await makeRoot({ name: 'ACME root', ...naming })
const licence = configurationOf({
  format: 'mso_mdoc',
  doctype: 'org.iso.18013.5.1.mDL',
  claims: {
    [`${namespace}/family_name`]: { from: 'offer.family_name' },
    [`${namespace}/birth_date`]: { from: 'offer.birth_date', type: 'full-date' },
    [`${namespace}/portrait`]: { from: 'offer.portrait', type: 'bytes' },
    [`${namespace}/driving_privileges`]: { from: 'offer.driving_privileges', type: 'list(object)' },
    [`${namespace}/issuing_country`]: { const: 'SE' },
  },
})
const claims = { [namespace]: { ...licenceClaims[namespace], issuing_country: 'SE' } }
const encoder = new Encoder({ tagUint8Array: false, useRecords: false, mapsAsObjects: false, variableMapSize: true })

/** Every check of the library that is about the issuer, by its id. */
async function verified(credential: string): Promise<Record<string, string>> {
  decodeStrictly(Buffer.from(credential, 'base64url'))
  // A device response with what was issued in it, byte by byte: three members, one document of two.
  const text = (value: unknown) => Buffer.from(encoder.encode(value))
  const response = Buffer.concat([
    Buffer.from([0xa3]),
    ...[text('version'), text('1.0'), text('documents'), Buffer.from([0x81, 0xa2])],
    ...[text('docType'), text(licence.doctype), text('issuerSigned'), Buffer.from(credential, 'base64url')],
    ...[text('status'), text(0)],
  ])
  const outcomes: Record<string, string> = {}
  await new Verifier([pemOf(root.certificate)]).verify(response, {
    onCheck: ({ category, id, status }) => {
      if (category === 'DEVICE_AUTH') return // there is no device yet
      if (outcomes[id] !== 'FAILED') outcomes[id] = status
    },
  })
  return outcomes
}

for (const algorithm of ['ES256', 'ES384', 'EdDSA'] as const) {
  test(`MDOC-1, MDOC-5, MDOC-7, MDOC-8: ${algorithm}: a verifier of driving licences finds nothing wrong`, async (t) => {
    const store = keyStores.get('software')!
    const { secret, publicJwk } = await store.generate(algorithm)
    const leaf = await makeDocumentSigner({
      ...naming,
      root: root.certificate,
      rootKey: root.privateKeyPkcs8,
      subjectName: 'ACME',
      publicJwk,
      hosts: ['issuer.example'],
      identifiers: ['https://issuer.example/acme/staff'],
      profile: 'mso_mdoc',
    })
    const signer = await store.open({ keyId: 'k1', algorithm, secret, certificateChain: [leaf.toString('base64')] })
    const expiresAt = new Date(now.getTime() + 90 * 86_400_000)
    const request = requestFor(licence, { claims, signer, issuedAt: now, expiresAt, random: randomBytes })
    const credential = await formats.get('mso_mdoc')!.issue(request)
    const outcomes = await verified(credential)
    for (const id of [
      'ISSUER_CERTIFICATE_VALIDITY',
      'ISSUER_SIGNATURE_VALIDITY',
      'MSO_SIGNED_DATE_WITHIN_CERTIFICATE_VALIDITY',
      'MSO_VALIDITY_AT_VERIFICATION_TIME',
      'ATTRIBUTE_DIGEST_MATCH',
      'ISSUING_COUNTRY_MATCHES_CERTIFICATE',
    ]) {
      t.is(outcomes[id], 'PASSED', id)
    }
    t.deepEqual(
      Object.entries(outcomes).filter(([, status]) => status === 'FAILED'),
      [],
    )

    const raw = Buffer.from(credential, 'base64url')
    raw.write('Johnsson', raw.indexOf('Jönsson'))
    t.is((await verified(raw.toString('base64url'))).ATTRIBUTE_DIGEST_MATCH, 'FAILED')
  })
}

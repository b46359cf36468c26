// Of its own, for the library changes how CBOR is read, and what zod says, in the whole process.
import { createHash, verify, X509Certificate } from 'node:crypto'
import { CoseKey, IssuerSigned } from '@owf/mdoc'
import test from 'ava'
import { formats } from '../../src/formats/index.ts'
import { inDays, makeSigner, requestFor, root } from '../support/format-request.ts'
import { licence, licenceClaims, namespace } from '../support/licence.ts'

/** What the library needs of its surroundings: hashing, verifying, reading certificates. */
const context = {
  crypto: { digest: ({ bytes }: { bytes: Uint8Array }) => createHash('sha256').update(bytes).digest() },
  cose: {
    sign1: {
      verify: ({ key, sign1 }: { key: CoseKey; sign1: { toBeSigned: Uint8Array; signature: Uint8Array } }) => {
        const jwk = { key: key.jwk as never, format: 'jwk' as const, dsaEncoding: 'ieee-p1363' as const }
        return verify('sha256', sign1.toBeSigned, jwk, sign1.signature)
      },
    },
  },
  x509: {
    getIssuerNameField: ({ certificate, field }: { certificate: Uint8Array; field: string }) =>
      new X509Certificate(certificate).issuer
        .split('\n')
        .flatMap((line) => (line.startsWith(`${field}=`) ? [line.slice(field.length + 1)] : [])),
    getPublicKey: async ({ certificate }: { certificate: Uint8Array }) => {
      return CoseKey.fromJwk(new X509Certificate(certificate).publicKey.export({ format: 'jwk' }) as never)
    },
    verifyCertificateChain: ({
      x5chain,
      trustedCertificates,
    }: {
      x5chain: Uint8Array[]
      trustedCertificates: Uint8Array[]
    }) => {
      const [leaf, anchor] = [new X509Certificate(x5chain[0]!), new X509Certificate(trustedCertificates[0]!)]
      if (!leaf.verify(anchor.publicKey)) throw new Error('The chain leads elsewhere.')
    },
    getCertificateData: ({ certificate }: { certificate: Uint8Array }) => {
      const { issuer, subject, serialNumber, fingerprint256, validFromDate, validToDate } = new X509Certificate(
        certificate,
      )
      const names = { issuerName: issuer, subjectName: subject, serialNumber, thumbprint: fingerprint256, pem: '' }
      return { ...names, notBefore: validFromDate, notAfter: validToDate }
    },
  },
}

const signer = await makeSigner('ES256', { profile: 'mso_mdoc', country: 'SE' })

test('MDOC-1, MDOC-2, VCI-112: a library of others verifies signature, chain and every digest', async (t) => {
  const read = IssuerSigned.fromEncodedForOid4Vci(
    await formats.get('mso_mdoc')!.issue(requestFor(licence, { claims: licenceClaims, signer })),
  )
  await t.notThrowsAsync(read.verify({ now: inDays(1), trustedCertificates: [root.certificate] }, context as never))
  const names = read.getIssuerNamespace(namespace)?.map(({ elementIdentifier }) => elementIdentifier)
  t.deepEqual(names?.toSorted(), Object.keys(licenceClaims[namespace]).toSorted())
})

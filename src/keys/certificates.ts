import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { after } from '../lib/time.ts'
import type { CertificateProfile } from '../store/signing-key-row.ts'
import { generateKey } from './software.ts'
import {
  type Contact,
  contactExtensions,
  daySeconds,
  distributionPoint,
  hostName,
  nameOf,
  rootSigning,
  signingKeyOf,
  spkiOf,
  subjectKeyIdentifier,
  uriName,
} from './x509.ts'

/**
 * So long a certificate claims to exist already: the clocks of verifiers differ, and copies are dated back up to an
 * hour.
 */
const backdatingSeconds = daySeconds
/** What ISO/IEC 18013-5 allows the certificate of a document signer at most; other formats set no limit. */
const mostDays = 457

/** The extended key usage of a document signer, ISO/IEC 18013-5 Annex B.1.4. */
const mdocSigning = '1.0.18013.5.1.2'

const earlier = (a: Date, b: Date): Date => (a < b ? a : b)
const later = (a: Date, b: Date): Date => (a > b ? a : b)

const der = (certificate: X509Certificate): Buffer => Buffer.from(certificate.rawData)

/**
 * A root of its own for a tenant's signers, such as ISO/IEC 18013-5 Annex B.1.2 wants of an issuing authority: self-signed, ES256, may
 * sign leaves and revocation lists and nothing else. The private key (PKCS #8) is to be sealed at once.
 */
export async function makeRoot(
  root: { name: string; country?: string | undefined; now: Date; years?: number } & Contact,
): Promise<{ certificate: Buffer; privateKeyPkcs8: Buffer }> {
  const { privateKeyPkcs8, publicJwk } = generateKey('ES256')
  const publicKey = spkiOf(publicJwk)
  const notAfter = new Date(root.now)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + (root.years ?? 10))
  const name = nameOf(root.name, root.country)
  const certificate = await X509CertificateGenerator.create(
    {
      subject: name,
      issuer: name,
      notBefore: after(root.now, -backdatingSeconds),
      notAfter,
      publicKey,
      signingKey: signingKeyOf(privateKeyPkcs8),
      signingAlgorithm: rootSigning,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await subjectKeyIdentifier(publicKey),
        ...contactExtensions(root),
      ],
    },
    webcrypto,
  )
  return { certificate: der(certificate), privateKeyPkcs8 }
}

export type DocumentSigner = {
  root: Buffer
  rootKey: Buffer
  subjectName: string
  /** ISO 3166-1 alpha-2; a document signer's is its root's (ISO/IEC 18013-5 Annex B.1.4). */
  country?: string | undefined
  /** The public key that the credentials are signed with. */
  publicJwk: Record<string, unknown>
  /** Host names or IP addresses of the issuers' identifiers. */
  hosts: string[]
  /** The issuers' identifiers themselves. */
  identifiers: string[]
  now: Date
  days?: number
  /** Default: `general`, for everything that is a JWS. */
  profile?: CertificateProfile
} & Contact

/**
 * What a certificate says beside its key. For a JWS it names the issuers in its SANs (SD-JWT VC §2.5, HAIP §6.1.1); an mdoc's is as
 * ISO/IEC 18013-5 Annex B.1.4 wants it, which knows no basic constraints and says who may be asked.
 */
function profileExtensions({ profile = 'general', hosts, identifiers, contact, crl }: DocumentSigner): Extension[] {
  const names = [...new Set(hosts)].map(hostName)
  if (profile === 'mso_mdoc') {
    return [
      new ExtendedKeyUsageExtension([mdocSigning], true),
      ...contactExtensions({ contact, crl }),
      ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
    ]
  }
  names.push(...[...new Set(identifiers)].map(uriName))
  return [
    new BasicConstraintsExtension(false, undefined, true),
    ...distributionPoint(crl),
    ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
  ]
}

/**
 * The certificate of a key that signs credentials, under the tenant's root: may sign documents and no certificates, and ends before the
 * root does. When an issuer is added it is made anew for the same key. Answers DER; in `x5c` it stands alone, for the root is never sent.
 */
export async function makeDocumentSigner(signer: DocumentSigner): Promise<Buffer> {
  const { rootKey, subjectName, country, now, days = mostDays } = signer
  const root = new X509Certificate(signer.root)
  const publicKey = spkiOf(signer.publicJwk)
  const notBefore = later(after(now, -backdatingSeconds), root.notBefore)
  const certificate = await X509CertificateGenerator.create(
    {
      subject: nameOf(subjectName, country),
      issuer: root.subjectName,
      notBefore,
      notAfter: earlier(after(notBefore, Math.min(days, mostDays) * daySeconds), root.notAfter),
      publicKey,
      signingKey: signingKeyOf(rootKey),
      signingAlgorithm: rootSigning,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        await subjectKeyIdentifier(publicKey),
        await AuthorityKeyIdentifierExtension.create(root.publicKey, false, webcrypto),
        ...profileExtensions(signer),
      ],
    },
    webcrypto,
  )
  return der(certificate)
}

/** PEM of a certificate (RFC 7468 §5). */
export function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

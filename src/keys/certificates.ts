import 'reflect-metadata'
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  type JsonGeneralName,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { after } from '../lib/time.ts'
import { generateKey } from './software.ts'

const daySeconds = 24 * 3600
/**
 * So long a certificate claims to exist already: the clocks of verifiers differ, and copies are dated back up to an
 * hour.
 */
const backdatingSeconds = daySeconds
/** What ISO/IEC 18013-5 allows the certificate of a document signer at most; other formats set no limit. */
const mostDays = 457

const signing = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** RFC 5280's upper bound of a common name is 64; a display name may be longer. */
const nameOf = (text: string): JsonName => [{ CN: [[...text].slice(0, 64).join('')] }]

const signingKeyOf = (pkcs8: Buffer) =>
  createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).toCryptoKey(signing, false, ['sign'])

const earlier = (a: Date, b: Date): Date => (a < b ? a : b)
const later = (a: Date, b: Date): Date => (a > b ? a : b)

const der = (certificate: X509Certificate): Buffer => Buffer.from(certificate.rawData)

/**
 * A root of its own for a tenant's signers: self-signed, ES256, may sign leaves and revocation lists and nothing else.
 * The private key (PKCS #8) is to be sealed at once.
 */
export async function makeRoot(root: {
  name: string
  now: Date
  years?: number
}): Promise<{ certificate: Buffer; privateKeyPkcs8: Buffer }> {
  const { privateKeyPkcs8, publicJwk } = generateKey('ES256')
  const publicKey = spkiOf(publicJwk)
  const notAfter = new Date(root.now)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + (root.years ?? 10))
  const certificate = await X509CertificateGenerator.create(
    {
      subject: nameOf(root.name),
      issuer: nameOf(root.name),
      notBefore: after(root.now, -backdatingSeconds),
      notAfter,
      publicKey,
      signingKey: signingKeyOf(privateKeyPkcs8),
      signingAlgorithm: signing,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
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
  /** The public key that the credentials are signed with. */
  publicJwk: Record<string, unknown>
  /** Host names or IP addresses of the issuers' identifiers. */
  hosts: string[]
  /** The issuers' identifiers themselves. */
  identifiers: string[]
  now: Date
  days?: number
}

/**
 * The certificate of a key that signs credentials, under the tenant's root: names the issuers in its SANs (SD-JWT VC
 * §2.5, HAIP §6.1.1), may sign documents and no certificates, and ends before the root does. When an issuer is added it
 * is made anew for the same key. Answers DER; in `x5c` it stands alone, for the root is never sent.
 */
export async function makeDocumentSigner(signer: DocumentSigner): Promise<Buffer> {
  const { rootKey, subjectName, hosts, identifiers, now, days = mostDays } = signer
  const root = new X509Certificate(signer.root)
  const publicKey = spkiOf(signer.publicJwk)
  const notBefore = later(after(now, -backdatingSeconds), root.notBefore)
  const names: JsonGeneralName[] = [
    ...[...new Set(hosts)].map(hostName),
    ...[...new Set(identifiers)].map((value) => ({ type: 'url' as const, value })),
  ]
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    await SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
    await AuthorityKeyIdentifierExtension.create(root.publicKey, false, webcrypto),
  ]
  if (names.length > 0) extensions.push(new SubjectAlternativeNameExtension(names))
  const certificate = await X509CertificateGenerator.create(
    {
      subject: nameOf(subjectName),
      issuer: root.subjectName,
      notBefore,
      notAfter: earlier(after(notBefore, Math.min(days, mostDays) * daySeconds), root.notAfter),
      publicKey,
      signingKey: signingKeyOf(rootKey),
      signingAlgorithm: signing,
      extensions,
    },
    webcrypto,
  )
  return der(certificate)
}

function hostName(host: string): JsonGeneralName {
  const bare = host.replace(/^\[|\]$/g, '')
  return isIP(bare) ? { type: 'ip', value: bare } : { type: 'dns', value: bare }
}

const spkiOf = (jwk: Record<string, unknown>): Buffer =>
  createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'der', type: 'spki' })

/** PEM of a certificate (RFC 7468 §5). */
export function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

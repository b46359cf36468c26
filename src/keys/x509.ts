import 'reflect-metadata'
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  CRLDistributionPointsExtension,
  type Extension,
  IssuerAlternativeNameExtension,
  type JsonGeneralName,
  type JsonName,
  SubjectKeyIdentifierExtension,
} from '@peculiar/x509'

export const daySeconds = 24 * 3600

/** What a tenant's root signs with: ES256. */
export const rootSigning = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export const signingKeyOf = (pkcs8: Buffer) =>
  createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).toCryptoKey(rootSigning, false, ['sign'])

export const spkiOf = (jwk: Record<string, unknown>): Buffer =>
  createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'der', type: 'spki' })

/** A subject: the country first, if there is one. RFC 5280's upper bound of a common name is 64; a display name may be longer. */
export const nameOf = (commonName: string, country?: string): JsonName => [
  ...(country === undefined ? [] : [{ C: [country] }]),
  { CN: [[...commonName].slice(0, 64).join('')] },
]

export function hostName(host: string): JsonGeneralName {
  const bare = host.replace(/^\[|\]$/g, '')
  return isIP(bare) ? { type: 'ip', value: bare } : { type: 'dns', value: bare }
}

export const uriName = (value: string): JsonGeneralName => ({ type: 'url', value })

export const subjectKeyIdentifier = (publicKey: Buffer): Promise<Extension> =>
  SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto)

/** Where people ask about the issuer of a certificate, and where what it has revoked is listed (ISO/IEC 18013-5 Annex B.1). */
export type Contact = {
  /** An e-mail address or a URI. */
  contact?: string | undefined
  /** The address of the revocation list. */
  crl?: string | undefined
}

/** Issuer alternative name and CRL distribution point, RFC 5280 §4.2.1.7 and §4.2.1.13. */
export const contactExtensions = ({ contact, crl }: Contact): Extension[] => [
  ...(contact === undefined ? [] : [new IssuerAlternativeNameExtension([contactName(contact)])]),
  ...distributionPoint(crl),
]

export const distributionPoint = (crl: string | undefined): Extension[] =>
  crl === undefined ? [] : [new CRLDistributionPointsExtension([crl])]

const contactName = (contact: string): JsonGeneralName =>
  URL.canParse(contact) ? uriName(contact) : { type: 'email', value: contact }

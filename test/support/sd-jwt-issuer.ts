import 'reflect-metadata'
import { createHash, createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { WalletKey } from '../../src/wallet/keys.ts'

// An issuer of SD-JWT VCs that shares nothing with the product's, so that the wallet can be tested by itself.

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const generate = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const days = (now: Date, count: number) => new Date(now.getTime() + count * 86_400_000)

export type Authority = { certificate: x509.X509Certificate; privateKey: webcrypto.CryptoKey }

/** A root certificate of ten years. */
export async function makeRoot(name: string, now: Date): Promise<Authority> {
  const keys = await generate()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    notBefore: days(now, -10),
    notAfter: days(now, 3650),
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  })
  return { certificate, privateKey: keys.privateKey }
}

type Leaf = { host?: string; from?: number; until?: number }

/** A signing key with a certificate from the root, valid for these days around now. */
export async function makeSigner(
  root: Authority,
  now: Date,
  { host = 'issuer.example', from = -5, until = 90 }: Leaf = {},
) {
  const keys = await generate()
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=Signer',
    issuer: root.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: root.privateKey,
    notBefore: days(now, from),
    notAfter: days(now, until),
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: host }])],
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  const key: WalletKey = { algorithm: 'ES256', privateKey, jwk: {}, thumbprint: '' }
  const x5c = [Buffer.from(certificate.rawData).toString('base64')]
  return { key, x5c, authority: { certificate, privateKey: keys.privateKey } }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
export const digest = (disclosure: string) => createHash('sha256').update(disclosure).digest('base64url')
export const disclosureOf = (...parts: unknown[]) => encode([randomBytes(16).toString('base64url'), ...parts])

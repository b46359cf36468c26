import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** A certificate that nobody else vouches for, of a server at `localhost` or a client, and its key, in PEM. */
export async function selfSigned(
  kind: 'RSA' | 'EC',
  { notBefore = new Date(), notAfter = new Date('2040-01-01') }: { notBefore?: Date; notAfter?: Date } = {},
): Promise<{ certificate: string; key: string }> {
  const algorithm =
    kind === 'EC'
      ? { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
      : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: 'CN=Claimgate', keys, signingAlgorithm: algorithm, notBefore, notAfter },
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
  })
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const key = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`
  return { certificate: certificate.toString('pem'), key }
}

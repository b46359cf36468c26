import { createHash, verify, X509Certificate } from 'node:crypto'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { decodeProtectedHeader } from 'jose'

type Members = Record<string, unknown>
/** `fetch` gets the status list. */
export type Trust = { root: string; issuer: string; at?: Date; fetch?: typeof globalThis.fetch }
export type ReadCredential = {
  header: Members
  /** Everything, as the holder sees it. */
  claims: Members
  /** Without what the holder may withhold. */
  shown: Members
}

/** The leaf of the `x5c` header, after it was followed to the root and found to name the host of `issuer`. */
function signerOf(x5c: unknown, root: X509Certificate, issuer: string, at: Date): X509Certificate {
  const chain = (x5c as string[]).map((entry) => new X509Certificate(Buffer.from(entry, 'base64')))
  for (const [position, certificate] of chain.entries()) {
    const authority = chain[position + 1] ?? root
    const current = certificate.validFromDate <= at && at < certificate.validToDate
    if (!current || !authority.ca || !certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) {
      throw new Error(`Certificate ${position + 1} of x5c does not lead to the root.`)
    }
    if (certificate.fingerprint256 === root.fingerprint256) throw new Error('The root is part of x5c (HAIP §6.1.1).')
  }
  const [leaf] = chain
  if (!leaf?.checkHost(new URL(issuer).hostname)) throw new Error('The certificate of the signer names another host.')
  return leaf
}

/**
 * Reads an SD-JWT VC as a verifier would who trusts an issuer's root: chain, signature, digests, dates and status are checked, by a library
 * that nobody here wrote. Throws for whatever is wrong.
 */
export async function readSdJwt(
  credential: string,
  { root, issuer, at = new Date(), fetch = globalThis.fetch }: Trust,
): Promise<ReadCredential> {
  const header = decodeProtectedHeader(credential.split('~')[0] ?? '')
  if (header.typ !== 'dc+sd-jwt' || header.alg !== 'ES256')
    throw new Error('The header is of another type or algorithm.')
  const { publicKey: key } = signerOf(header.x5c, new X509Certificate(root), issuer, at)
  const library = new SDJwtVcInstance({
    hasher: (text, name) =>
      createHash(name.replace('-', ''))
        .update(Buffer.from(text as string))
        .digest(),
    hashAlg: 'sha-256',
    statusListFetcher: async (uri) => (await fetch(uri, { headers: { accept: 'application/statuslist+jwt' } })).text(),
    verifier: (text, signature) =>
      verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')),
  })
  const currentDate = Math.floor(at.getTime() / 1000)
  // The status list may be signed a moment later than `at`.
  const { payload } = await library.verify(credential, { currentDate, skewSeconds: 30 })
  const shown = (await library.getClaims(`${credential.split('~')[0]}~`)) as Members
  if (payload.iss !== issuer) throw new Error('The credential is of another issuer.')
  return { header: { ...header }, claims: { ...payload }, shown }
}

/** The root certificate that an issuer gives to verifiers, as PEM. */
export const rootOf = async (issuer: string, fetch: typeof globalThis.fetch = globalThis.fetch): Promise<string> =>
  (await fetch(`${issuer}/root.pem`)).text()

import { createHash, verify, type X509Certificate } from 'node:crypto'
import { decodeBase64url } from '../lib/base64url.ts'
import { type Jwk, thumbprint } from '../lib/jwk.ts'
import {
  bytesOf,
  dateOf,
  decode,
  embedded,
  encode,
  type Fields,
  jwkOf,
  listOf,
  mapOf,
  plain,
  refused,
  tagged,
} from './cbor.ts'

/** An `IssuerSigned` of ISO/IEC 18013-5, taken apart. Nothing in it is to be believed before `isSignedBy` and the digests were seen. */
export type Mdoc = {
  docType: string
  /** Elements by namespace: bytes as base64url, dates as text. */
  claims: Record<string, Record<string, unknown>>
  /** DER, leaf first. */
  x5chain: Buffer[]
  deviceKey: Jwk
  validFrom: Date
  validUntil: Date
  status: { idx: number; uri: string } | undefined
  /** Whether each element has the digest that the issuer signed. */
  digestsMatch: boolean
  isSignedBy(certificate: X509Certificate): boolean
}

const digestOfAlgorithm = new Map([
  [-7, 'sha256'],
  [-35, 'sha384'],
  [-8, null],
])

/** Reads the credential of an OpenID4VCI response (Appendix A.2). Throws `invalid_credential`. */
export function decodeMdoc(text: string): Mdoc {
  const raw = decodeBase64url(text)
  if (!raw) throw refused('The mdoc is not base64url without padding.')
  const issuerSigned = mapOf(decode(raw))
  const [shielded, unprotected, payload, signature] = listOf(issuerSigned.get('issuerAuth'))
  const protect = bytesOf(shielded)
  const mso = mapOf(decode(embedded(decode(bytesOf(payload)))))
  const chain = mapOf(unprotected).get(33)
  const validity = mapOf(mso.get('validityInfo'))
  const status = mso.has('status') ? mapOf(mapOf(mso.get('status')).get('status_list')) : undefined
  const { claims, digestsMatch } = elementsOf(mapOf(issuerSigned.get('nameSpaces')), mapOf(mso.get('valueDigests')))
  return {
    docType: String(mso.get('docType')),
    claims,
    digestsMatch,
    x5chain: (Array.isArray(chain) ? chain : [chain]).map(bytesOf),
    deviceKey: jwkOf(mapOf(mapOf(mso.get('deviceKeyInfo')).get('deviceKey'))),
    validFrom: dateOf(validity.get('validFrom')),
    validUntil: dateOf(validity.get('validUntil')),
    status: status ? { idx: Number(status.get('idx')), uri: String(status.get('uri')) } : undefined,
    isSignedBy(certificate) {
      const digest = digestOfAlgorithm.get(Number(mapOf(decode(protect)).get(1)))
      if (digest === undefined) return false
      const signed = encode(['Signature1', protect, Buffer.alloc(0), bytesOf(payload)])
      const key = { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' as const }
      return verify(digest, signed, key, bytesOf(signature))
    },
  }
}

/** The elements, and whether the digests over their tagged bytes are those that were signed, each under its own id. */
function elementsOf(nameSpaces: Fields, signed: Fields): Pick<Mdoc, 'claims' | 'digestsMatch'> {
  const claims: Mdoc['claims'] = {}
  let digestsMatch = true
  for (const [namespace, items] of nameSpaces) {
    const own: Record<string, unknown> = {}
    for (const item24 of listOf(items)) {
      const bytes = embedded(item24)
      const item = mapOf(decode(bytes))
      const digest = createHash('sha256').update(tagged(bytes)).digest()
      const expected = mapOf(signed.get(namespace)).get(item.get('digestID'))
      digestsMatch &&= expected instanceof Uint8Array && digest.equals(expected)
      own[String(item.get('elementIdentifier'))] = plain(item.get('elementValue'))
    }
    claims[String(namespace)] = own
  }
  return { claims, digestsMatch }
}

/** Whether the document is bound to the key with this thumbprint. */
export function isBoundTo({ deviceKey }: Mdoc, holderKey: string): boolean {
  try {
    return thumbprint(deviceKey) === holderKey
  } catch {
    return false // a key of a kind that this wallet never makes
  }
}

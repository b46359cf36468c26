import { Tag } from 'cbor-x'
import type { Signer } from '../keys/signer.ts'
import { coseSign1, encodeCbor } from '../lib/cose.ts'
import { signJws } from '../lib/sign-jws.ts'
import { seconds } from '../lib/time.ts'
import { bitsPerEntry } from './encode.ts'

/** What a published list says of itself. */
export type ListTerms = {
  /** The credential issuer's identifier. */
  issuer: string
  /** The list's address, exactly as the credentials have it. */
  uri: string
  issuedAt: Date
  expiresAt: Date
  /** After so many seconds a verifier should ask again. */
  ttl: number
  /** Where all lists of the issuer are named. */
  aggregation: string
}

/** Status List Token as JWT, Token Status List §5.1. `list` is compressed. */
export function statusListJwt(signer: Signer, terms: ListTerms, list: Buffer): Promise<string> {
  const { uri, issuedAt, expiresAt, ttl, aggregation } = terms
  return signJws(signer, 'statuslist+jwt', {
    sub: uri,
    iat: seconds(issuedAt),
    exp: seconds(expiresAt),
    ttl,
    status_list: { bits: bitsPerEntry, lst: list.toString('base64url'), aggregation_uri: aggregation },
  })
}

const [kidLabel, typLabel] = [4, 16]

/** Status List Token as CWT, Token Status List §5.2: a tagged COSE_Sign1, with the certificates in `x5chain` (RFC 9360 §2). */
export async function statusListCwt(signer: Signer, terms: ListTerms, list: Buffer): Promise<Buffer> {
  const { uri, issuedAt, expiresAt, ttl, aggregation } = terms
  const content = new Map<string, unknown>([
    ['bits', bitsPerEntry],
    ['lst', list],
    ['aggregation_uri', aggregation],
  ])
  const payload = encodeCbor(
    new Map<number, unknown>([
      [2, uri],
      [6, seconds(issuedAt)],
      [4, seconds(expiresAt)],
      [65534, ttl],
      [65533, content],
    ]),
  )
  const signed = await coseSign1(signer, payload, [
    [kidLabel, Buffer.from(signer.keyId)],
    [typLabel, 'application/statuslist+cwt'],
  ])
  return encodeCbor(new Tag(signed, 18))
}

/** A Bitstring Status List credential, §2.2, as VCDM 1.1 in a JWT (§6.3.1 there), for one of the two purposes. */
export function bitstringCredential(
  signer: Signer,
  terms: ListTerms,
  purpose: 'revocation' | 'suspension',
  encodedList: string,
): Promise<string> {
  const { issuer, issuedAt, expiresAt, ttl } = terms
  const uri = `${terms.uri}/${purpose}`
  return signJws(signer, 'JWT', {
    iss: issuer,
    jti: uri,
    sub: `${uri}#list`,
    nbf: seconds(issuedAt),
    iat: seconds(issuedAt),
    exp: seconds(expiresAt),
    vc: {
      '@context': ['https://www.w3.org/2018/credentials/v1', 'https://www.w3.org/ns/credentials/status/v1'],
      type: ['VerifiableCredential', 'BitstringStatusListCredential'],
      credentialSubject: {
        id: `${uri}#list`,
        type: 'BitstringStatusList',
        statusPurpose: purpose,
        ttl: ttl * 1000,
        encodedList,
      },
    },
  })
}

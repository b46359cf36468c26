import { compactVerify, importJWK } from 'jose'
import { z } from 'zod'
import { type Jwk, thumbprint } from '../lib/jwk.ts'
import { seconds } from '../lib/time.ts'
import { accept, readAnswer } from './answer.ts'
import { namesHost, verifyChain } from './certificates.ts'
import { type Check, outcome, say } from './check.ts'
import { WalletError } from './errors.ts'
import type { Fetch } from './exchange.ts'
import { wellKnown } from './metadata.ts'
import { decodeSdJwt, type SdJwt } from './sd-jwt.ts'

/** What the wallet knows of a credential before it reads it. */
export type Expected = {
  now: Date
  /** The credential issuer's identifier. */
  issuer: string
  vct: string | undefined
  /** Thumbprint of the key it was asked for. */
  holderKey: string
  /** PEM; the `x5c` chain must lead to one of them. Without any the key comes from `issuerKeys`. */
  roots?: string[]
  issuerKeys?: Jwk[]
}

const algorithms = ['ES256', 'ES384', 'EdDSA']

/** The issuer's keys at their web address, draft-ietf-oauth-sd-jwt-vc §4. Throws what the server answered, or `invalid_metadata`. */
export async function loadIssuerKeys(fetch: Fetch, issuer: string): Promise<Jwk[]> {
  const Keys = z.looseObject({ keys: z.array(z.record(z.string(), z.unknown())) })
  const Document = z.looseObject({ issuer: z.string(), jwks: Keys.optional(), jwks_uri: z.url().optional() })
  const get = async (url: string) => readAnswer(await fetch(url, { redirect: 'error' }))
  const { jwks, jwks_uri, ...document } = accept(Document, await get(wellKnown(issuer, 'jwt-vc-issuer')))
  if (document.issuer !== issuer || (jwks === undefined) === (jwks_uri === undefined)) {
    throw new WalletError('invalid_metadata', 'The keys are of another issuer, or given twice or not at all.')
  }
  return jwks?.keys ?? accept(Keys, await get(jwks_uri ?? '')).keys
}

/** A signature over a JWS by the issuer of the credential: by its chain, or by a key that the issuer publishes. */
export async function verifySignature(
  { jws, header }: Pick<SdJwt, 'jws' | 'header'>,
  expected: Omit<Expected, 'vct' | 'holderKey'>,
): Promise<string> {
  const { roots = [], issuerKeys = [], now } = expected
  if (roots.length === 0) {
    const jwk = issuerKeys.find(({ kid }) => kid === header.kid)
    if (!jwk) throw new WalletError('invalid_credential', 'The issuer publishes no key of this kid.')
    await compactVerify(jws, await importJWK(jwk, String(header.alg)), { algorithms })
    return 'Signed with a key that the issuer publishes.'
  }
  const { leaf, root } = verifyChain(header.x5c, roots, now)
  await compactVerify(jws, leaf.publicKey, { algorithms })
  if (!namesHost(leaf, expected.issuer)) {
    throw new WalletError('invalid_credential', 'The certificate of the signer does not name the host of the issuer.')
  }
  return `Signed by ${leaf.subject.replaceAll('\n', ', ')}, certified by ${root.subject.replaceAll('\n', ', ')}.`
}

/** Whether a `cnf` holds the key with this thumbprint (RFC 7800 §3.2). */
export function isBoundTo(confirmation: unknown, holderKey: string): boolean {
  const confirmed = z.object({ jwk: z.record(z.string(), z.unknown()) }).safeParse(confirmation)
  try {
    return confirmed.success && thumbprint(confirmed.data.jwk) === holderKey
  } catch {
    return false
  }
}

/** Every check of a credential, passed or not, in an order in which a person would ask. */
export async function checkSdJwt(credential: SdJwt, expected: Expected): Promise<Check[]> {
  const { header, claims } = credential
  const { exp, nbf, vct } = claims
  const now = seconds(expected.now)
  const isCurrent = (exp === undefined || Number(exp) > now) && (nbf === undefined || Number(nbf) <= now)
  return [
    await outcome('signature', verifySignature(credential, expected)),
    say(
      'issuer',
      claims.iss === undefined || claims.iss === expected.issuer,
      'From the issuer of the offer.',
      'From another issuer.',
    ),
    say(
      'type',
      header.typ === 'dc+sd-jwt' && vct === expected.vct,
      'Of the type that was offered.',
      'Of another type.',
    ),
    say(
      'holder_key',
      isBoundTo(claims.cnf, expected.holderKey),
      'Bound to the key of this wallet.',
      'Bound to another key.',
    ),
    say('time', isCurrent, 'Valid now.', 'Not valid now.'),
  ]
}

/** A verified SD-JWT VC: its claims after every check. Throws `invalid_credential` with the first that fails. */
export async function readSdJwt(credential: string, expected: Expected): Promise<SdJwt> {
  const decoded = decodeSdJwt(credential)
  const failed = (await checkSdJwt(decoded, expected)).find(({ passed }) => !passed)
  if (failed) throw new WalletError('invalid_credential', failed.detail)
  return decoded
}

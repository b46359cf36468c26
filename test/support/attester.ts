import { randomUUID } from 'node:crypto'
import { makeDocumentSigner, makeRoot, pemOf } from '../../src/keys/certificates.ts'
import { seconds } from '../../src/lib/time.ts'
import { type JwtOverrides, makeKey, signJwt, type WalletKey } from '../../src/wallet/keys.ts'

type Attestation = {
  clientId?: string
  /** The wallet instance's key. */
  key: WalletKey
  now?: Date
}
type KeyAttestation = { keys: WalletKey[]; nonce?: string | undefined; now?: Date }

export type TestAttester = Awaited<ReturnType<typeof makeAttester>>

/** Somebody who attests wallets and keys, below a root of its own. */
export async function makeAttester(name = 'Test attester', now = new Date()) {
  const [key, { certificate, privateKeyPkcs8 }] = [makeKey(), await makeRoot({ name: `${name} root`, now })]
  const leaf = await makeDocumentSigner({
    root: certificate,
    rootKey: privateKeyPkcs8,
    subjectName: name,
    publicJwk: key.jwk,
    hosts: [],
    identifiers: [],
    now,
  })
  const x5c = [leaf.toString('base64')]
  const sign = (typ: string, claims: Record<string, unknown>, { key: other, ...overrides }: JwtOverrides) =>
    signJwt(other ?? key, { typ, alg: key.algorithm, x5c, ...overrides.header }, { ...claims, ...overrides.claims })

  return {
    /** PEM of its root, as a tenant file has it. */
    certificates: pemOf(certificate),
    root: certificate,
    x5c,

    /** A client attestation (draft -07), OpenID4VCI Appendix E. */
    attestWallet(
      { clientId = 'attested-wallet', key, now: at = new Date() }: Attestation,
      overrides: JwtOverrides = {},
    ) {
      const iat = seconds(at)
      const claims = { iss: 'https://attester.example', sub: clientId, iat, exp: iat + 300, cnf: { jwk: key.jwk } }
      return sign('oauth-client-attestation+jwt', claims, overrides)
    },

    /** A key attestation, OpenID4VCI Appendix D. */
    attestKeys({ keys, nonce, now: at = new Date() }: KeyAttestation, overrides: JwtOverrides = {}) {
      const iat = seconds(at)
      const levels = { key_storage: ['iso_18045_moderate'], user_authentication: ['iso_18045_moderate'] }
      const claims = {
        iat,
        exp: iat + 300,
        nonce,
        attested_keys: keys.map(({ jwk }) => jwk),
        ...levels,
        jti: randomUUID(),
      }
      return sign('key-attestation+jwt', claims, overrides)
    },
  }
}

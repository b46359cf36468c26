import type { JwtSignerJwk, SignJwtCallback } from '@openid4vc/oauth2'
import type { IssuerMetadataResult, Openid4vciClient } from '@openid4vc/openid4vci'
import { makeKey, signJwt, type WalletKey } from '../../src/wallet/keys.ts'
import type { Wish } from './foreign-wallet.ts'

type Wanted = { issuerMetadata: IssuerMetadataResult; nonce: string; configurationId: string }

/** What `@openid4vc/openid4vci` leaves to a wallet: its keys, and the choice of the proof that shows them. */
export function foreignKeys() {
  const keys: WalletKey[] = []
  const newSigner = (): { key: WalletKey; signer: JwtSignerJwk } => {
    const key = makeKey()
    keys.push(key)
    return { key, signer: { method: 'jwk', alg: 'ES256', publicJwk: { ...key.jwk, kty: 'EC' } } }
  }
  const sign: SignJwtCallback = (signer, { header, payload }) => {
    const key = keys.find(({ jwk }) => signer.method === 'jwk' && jwk.x === signer.publicJwk.x)
    if (!key || signer.method !== 'jwk') throw new Error('This wallet has no such key.')
    return { jwt: signJwt(key, header, payload), signerJwk: signer.publicJwk }
  }

  /** Keys and what shows them: each signs a proof, or one of them does for all that are attested, or none needs to. */
  async function prove(
    wallet: Openid4vciClient,
    { configurationId, ...rest }: Wanted,
    { copies = 1, attestedBy, clientId }: Wish & { clientId?: string },
  ) {
    const fresh = Array.from({ length: copies }, newSigner)
    const used = fresh.map(({ key }) => key)
    const keyAttestationJwt = attestedBy?.attestKeys({ keys: used, nonce: rest.nonce })
    const { proof_types_supported: types } =
      rest.issuerMetadata.credentialIssuer.credential_configurations_supported[configurationId] ?? {}
    if (keyAttestationJwt && types?.attestation)
      return { used, proofs: { attestation: [keyAttestationJwt] as [string] } }
    const about = { ...rest, credentialConfigurationId: configurationId }
    const more = { ...(clientId !== undefined && { clientId }), ...(keyAttestationJwt && { keyAttestationJwt }) }
    const [first, ...others] = await Promise.all(
      fresh
        .slice(0, keyAttestationJwt ? 1 : copies)
        .map(async ({ signer }) => (await wallet.createCredentialRequestJwtProof({ ...about, ...more, signer })).jwt),
    )
    return { used, proofs: { jwt: [first!, ...others] as [string, ...string[]] } }
  }

  return { newSigner, sign, prove }
}

import { type Answer, accept } from './answer.ts'
import type { MessageEncryption } from './encryption.ts'
import { WalletError } from './errors.ts'
import { type Overrides, send, type Wallet } from './exchange.ts'
import { type JwtOverrides, makeProof, type WalletKey } from './keys.ts'
import { NonceResponse, type TokenResponse } from './messages.ts'
import type { Metadata } from './metadata.ts'

/** Nonce request, OpenID4VCI §7.1; the answer as it came. */
export async function fetchNonce(wallet: Wallet, { issuer }: Metadata, overrides?: Overrides): Promise<Answer> {
  if (!issuer.nonce_endpoint) throw new WalletError('invalid_metadata', 'The issuer has no nonce endpoint.')
  return send(wallet, { url: issuer.nonce_endpoint }, overrides)
}

/** How a request names its credential: by an identifier of the token response if it has one, else by the configuration (§8.2). */
export function selectorOf(token: TokenResponse, configurationId: string): Record<string, string> {
  const details = token.authorization_details ?? []
  const detail = details.find((entry) => entry.credential_configuration_id === configurationId)
  const identifier = detail?.credential_identifiers?.[0]
  return identifier === undefined
    ? { credential_configuration_id: configurationId }
    : { credential_identifier: identifier }
}

type Request = {
  configurationId: string
  /** One credential is bound to each; none for a credential without key binding. */
  keys: WalletKey[]
  /** As in the token request; absent after an anonymous one. */
  clientId?: string | undefined
  /** Default: a fresh one, if the issuer has a nonce endpoint. */
  nonce?: string
  /** Encrypts the request, and asks for an encrypted response. */
  encryption?: MessageEncryption | undefined
  /** Makes every key proof wrong. */
  proof?: JwtOverrides
}

/** Credential request with `jwt` proofs of one or more keys, OpenID4VCI §8.2 and Appendix F.1; the answer as it came. */
export async function requestCredentials(
  wallet: Wallet,
  metadata: Metadata,
  token: TokenResponse,
  { configurationId, keys, clientId, nonce, proof, encryption }: Request,
  overrides?: Overrides,
): Promise<Answer> {
  const { issuer } = metadata
  const fetched =
    nonce ??
    (issuer.nonce_endpoint && keys.length > 0
      ? accept(NonceResponse, await fetchNonce(wallet, metadata)).c_nonce
      : undefined)
  const contents = { audience: issuer.credential_issuer, nonce: fetched, clientId, now: wallet.clock() }
  const proofs = keys.length > 0 ? { jwt: keys.map((key) => makeProof(key, contents, proof)) } : undefined
  const json = { ...selectorOf(token, configurationId), proofs }
  return send(wallet, { url: issuer.credential_endpoint, json, token, encryption }, overrides)
}

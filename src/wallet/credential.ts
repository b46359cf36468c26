import { type Answer, accept } from './answer.ts'
import type { MessageEncryption } from './encryption.ts'
import { WalletError } from './errors.ts'
import { type Overrides, send, type Wallet } from './exchange.ts'
import { type JwtOverrides, type KeyName, makeProof, type WalletKey } from './keys.ts'
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
  /** Attests all the keys, for this nonce (Appendix D): in the header of one proof, of the first key (HAIP §4.5.1). */
  attest?: ((nonce: string | undefined) => string) | undefined
  /** With `attestation` the key attestation is the proof itself (Appendix F.3). */
  proofType?: 'jwt' | 'attestation' | undefined
  /** How the proofs name their keys; default: by `jwk`. */
  nameOf?: ((key: WalletKey) => KeyName) | undefined
  /** Makes every key proof wrong. */
  proof?: JwtOverrides
}

/** Credential request with proofs of one or more keys, OpenID4VCI §8.2 and Appendix F; the answer as it came. */
export async function requestCredentials(
  wallet: Wallet,
  metadata: Metadata,
  token: TokenResponse,
  request: Request,
  overrides?: Overrides,
): Promise<Answer> {
  const { issuer } = metadata
  const { configurationId, keys, encryption } = request
  const nonce =
    request.nonce ??
    (issuer.nonce_endpoint && keys.length > 0
      ? accept(NonceResponse, await fetchNonce(wallet, metadata)).c_nonce
      : undefined)
  const proofs =
    keys.length > 0 ? proofsOf(request, { audience: issuer.credential_issuer, nonce, now: wallet.clock() }) : undefined
  const json = { ...selectorOf(token, configurationId), proofs }
  return send(wallet, { url: issuer.credential_endpoint, json, token, encryption }, overrides)
}

function proofsOf(request: Request, contents: { audience: string; nonce: string | undefined; now: Date }) {
  const { keys, attest, clientId, nameOf, proof, proofType = 'jwt' } = request
  const keyAttestation = attest?.(contents.nonce)
  if (proofType === 'attestation') return { attestation: [keyAttestation] }
  const signing = keyAttestation === undefined ? keys : keys.slice(0, 1)
  return {
    jwt: signing.map((key) => makeProof(key, { ...contents, clientId, named: nameOf?.(key), keyAttestation }, proof)),
  }
}

import type { Answer } from '../../src/wallet/answer.ts'
import { fetchNonce, requestCredentials } from '../../src/wallet/credential.ts'
import { makeEncryption } from '../../src/wallet/encryption.ts'
import type { Overrides, Wallet } from '../../src/wallet/exchange.ts'
import { fetchDeferred, notify as sendNotification } from '../../src/wallet/follow-up.ts'
import { type JwtOverrides, type KeyName, makeKey, type WalletKey } from '../../src/wallet/keys.ts'
import type { Metadata } from '../../src/wallet/metadata.ts'
import type { TestAnswer } from './answers.ts'

/** What a credential request may ask for; the rest makes it wrong. */
export type CredentialOptions = Overrides & {
  configurationId?: string
  keys?: WalletKey[]
  nonce?: string
  proof?: JwtOverrides
  /** Attests the keys: in the header of one proof of the first, or as the proof itself. */
  attest?: (nonce: string | undefined) => string
  proofType?: 'jwt' | 'attestation'
  nameOf?: (key: WalletKey) => KeyName
  /** Encrypts the request, and asks for an encrypted response. */
  encrypted?: true | Parameters<typeof makeEncryption>[1]
  /** `iss` of the proofs; default: the client that redeemed the token. */
  clientId?: string
}

type Needs = {
  wallet: Wallet
  metadata: () => Promise<Metadata>
  noted: (answer: Answer) => TestAnswer
  /** Which client redeemed a token, for `iss` in the proofs. */
  clientOf: Map<string, string>
  dpop: boolean
}

/** What the test wallet asks of the credential issuer. */
export function issuerVerbs({ wallet, metadata, noted, clientOf, dpop }: Needs) {
  const nonce = async (overrides?: Overrides): Promise<TestAnswer> =>
    noted(await fetchNonce(wallet, await metadata(), overrides))

  /** Credential request with one fresh key, or with these `keys`; takes a token answer or an access token. */
  async function credential(
    token: string | Pick<TestAnswer, 'body'>,
    asked: CredentialOptions = {},
  ): Promise<TestAnswer> {
    const given = typeof token === 'string' ? { access_token: token, token_type: dpop ? 'DPoP' : 'Bearer' } : token.body
    const {
      configurationId = '',
      keys = [makeKey()],
      clientId: as,
      nonce: fixed,
      proof,
      attest,
      proofType,
      nameOf,
      encrypted,
      ...overrides
    } = asked
    const granted =
      typeof token === 'string' ? undefined : token.body.authorization_details?.[0]?.credential_configuration_id
    const known = Object.keys((await metadata()).issuer.credential_configurations_supported)
    const wanted = {
      configurationId: configurationId || granted || (known[0] ?? ''),
      keys,
      clientId: as ?? clientOf.get(given.access_token),
      ...(fixed !== undefined && { nonce: fixed }),
      ...(proof && { proof }),
      ...{ attest, proofType, nameOf },
      ...(encrypted && { encryption: makeEncryption(await metadata(), encrypted === true ? {} : encrypted) }),
    }
    return noted(await requestCredentials(wallet, await metadata(), given, wanted, overrides))
  }

  /** Deferred credential request, with the answer that named the transaction or with a `transaction_id`. */
  async function deferred(
    { body: token }: Pick<TestAnswer, 'body'>,
    transaction: string | Pick<TestAnswer, 'body'>,
    { encrypted, ...overrides }: Pick<CredentialOptions, 'encrypted'> & Overrides = {},
  ): Promise<TestAnswer> {
    const transactionId = typeof transaction === 'string' ? transaction : String(transaction.body.transaction_id)
    const encryption = encrypted && makeEncryption(await metadata(), encrypted === true ? {} : encrypted)
    return noted(await fetchDeferred(wallet, await metadata(), token, { transactionId, encryption }, overrides))
  }

  /** Notification request with these members. */
  const notify = async (
    { body: token }: Pick<TestAnswer, 'body'>,
    members: Parameters<typeof sendNotification>[3],
    overrides?: Overrides,
  ): Promise<TestAnswer> => noted(await sendNotification(wallet, await metadata(), token, members, overrides))

  return { nonce, credential, deferred, notify }
}

import { createHash, randomBytes } from 'node:crypto'
import * as oauth2 from '@openid4vc/oauth2'
import * as openid4vci from '@openid4vc/openid4vci'
import type { WalletKey } from '../../src/wallet/keys.ts'
import type { TestAttester } from './attester.ts'
import { foreignKeys } from './foreign-keys.ts'
import { transport } from './foreign-transport.ts'
import { remember } from './secrets.ts'

// Else it refuses http also on this machine.
for (const { setGlobalConfig } of [oauth2, openid4vci]) setGlobalConfig({ allowInsecureUrls: true })

export type ForeignOptions = {
  fetch?: typeof globalThis.fetch
  dpop?: boolean
  clientId?: string
  redirectUri?: string
  /** Who vouches for the wallet. */
  attester?: TestAttester
  /** Credential requests and their responses. */
  encrypted?: boolean
}
/** `attestedBy`: who vouches for the keys. */
export type Wish = { txCode?: string; configurationId?: string; copies?: number; attestedBy?: TestAttester }
type Token = { access_token: string; token_type: string; [member: string]: unknown }
type Response = { credentials?: unknown[] | undefined; transaction_id?: string | undefined }
type Bound = { dpop?: oauth2.RequestDpopOptions }

export type Claimed = {
  metadata: openid4vci.IssuerMetadataResult
  token: Token
  configurationId: string
  credentials: string[]
  /** The keys the credentials are bound to, in the same order. */
  keys: WalletKey[]
  /** Where the credential is deferred: asks for it again. */
  later?: () => Promise<Claimed>
}

/** A wallet over `@openid4vc/openid4vci`, which others wrote and made wallets of. It leaves only keys and random bytes to us. */
export function foreignWallet(options: ForeignOptions = {}) {
  const { clientId = 'foreign-wallet', redirectUri = 'https://foreign.example/callback', attester } = options
  const { newSigner, sign, prove } = foreignKeys()
  const instance = newSigner().key
  const callbacks = {
    fetch: transport(options, attester && instance),
    hash: (bytes: Uint8Array, algorithm: string) => createHash(algorithm.replace('-', '')).update(bytes).digest(),
    signJwt: sign,
    generateRandom: (length: number) => randomBytes(length),
  }
  const client = (clientAuthentication: oauth2.ClientAuthenticationCallback) =>
    new openid4vci.Openid4vciClient({ callbacks: { ...callbacks, clientAuthentication } })
  const attested =
    attester &&
    oauth2.clientAuthenticationClientAttestationJwt({
      clientAttestationJwt: attester.attestWallet({ clientId, key: instance }),
      callbacks,
    })
  const anonymous = client(attested ?? oauth2.clientAuthenticationAnonymous())
  const known = client(attested ?? oauth2.clientAuthenticationNone({ clientId }))
  const newBinding = (): Bound => (options.dpop ? { dpop: { signer: newSigner().signer } } : {})

  async function open(link: string) {
    const credentialOffer = await known.resolveCredentialOffer(link)
    const issuerMetadata = await known.resolveIssuerMetadata(credentialOffer.credential_issuer)
    return { credentialOffer, issuerMetadata }
  }

  /** Nonce and credential endpoint: one credential, in so many copies. */
  async function fetchCredentials(
    wallet: openid4vci.Openid4vciClient,
    { credentialOffer, issuerMetadata }: Awaited<ReturnType<typeof open>>,
    { accessTokenResponse: token, dpop }: { accessTokenResponse: Token } & Bound,
    wish: Wish & { clientId?: string },
  ): Promise<Claimed> {
    remember(token.access_token, 'access_token')
    const configurationId = wish.configurationId ?? credentialOffer.credential_configuration_ids[0]!
    const { c_nonce: nonce } = await wallet.requestNonce({ issuerMetadata })
    remember(nonce, 'c_nonce')
    const { used, proofs } = await prove(wallet, { issuerMetadata, nonce, configurationId }, wish)
    const access = { issuerMetadata, accessToken: token.access_token, ...(dpop && { dpop }) }
    const claimed = ({ credentials = [], transaction_id: transactionId }: Response): Claimed => ({
      metadata: issuerMetadata,
      token,
      configurationId,
      credentials: credentials.map((entry) => remember(textOf(entry), 'credential')),
      keys: used,
      ...(transactionId !== undefined && {
        later: async () =>
          claimed((await wallet.retrieveDeferredCredentials({ ...access, transactionId })).deferredCredentialResponse!),
      }),
    })
    const asked = { ...access, credentialConfigurationId: configurationId, proofs }
    return claimed((await wallet.retrieveCredentials(asked)).credentialResponse)
  }

  /** From an offer link to credentials by pre-authorized code, anonymously. */
  async function claim(link: string, { txCode, ...wish }: Wish = {}): Promise<Claimed> {
    const opened = await open(link)
    const pin = txCode === undefined ? {} : { txCode }
    const asked = { ...opened, ...pin, ...newBinding() }
    const answer = await anonymous.retrievePreAuthorizedCodeAccessTokenFromOffer(asked)
    return fetchCredentials(anonymous, opened, answer, wish)
  }

  /** From an offer link to credentials by a sign-in: `signIn` goes the browser's way and answers the URL that the wallet is called with. */
  async function claimBySignIn(link: string, signIn: (url: URL) => Promise<string>, wish: Wish = {}): Promise<Claimed> {
    const opened = await open(link)
    const { credentialIssuer, authorizationServers } = opened.issuerMetadata
    const configurationId = wish.configurationId ?? opened.credentialOffer.credential_configuration_ids[0]!
    const { scope } = credentialIssuer.credential_configurations_supported[configurationId] ?? {}
    const about = { ...opened, redirectUri, ...newBinding() }
    const begun = await known.initiateAuthorization({ ...about, clientId, ...(scope ? { scope: String(scope) } : {}) })
    if (!('authorizationRequestUrl' in begun)) throw new Error('The issuer wants a presentation.')
    const authorizationServerMetadata = authorizationServers.find(({ issuer }) => issuer === begun.authorizationServer)!
    const url = await signIn(new URL(begun.authorizationRequestUrl))
    const answer = known.parseAndVerifyAuthorizationResponseRedirectUrl({ url, authorizationServerMetadata })
    if (typeof answer.code !== 'string') throw new Error(`The sign-in was answered with ${answer.error}.`)
    const authorizationCode = remember(answer.code, 'code')
    const verifier = begun.pkce ? { pkceCodeVerifier: begun.pkce.codeVerifier } : {}
    const token = await known.retrieveAuthorizationCodeAccessTokenFromOffer({
      ...about,
      ...verifier,
      authorizationCode,
    })
    return fetchCredentials(known, opened, token, { ...wish, configurationId, clientId })
  }

  return { clientId, redirectUri, claim, claimBySignIn }
}

const textOf = (entry: unknown): string =>
  typeof entry === 'string' ? entry : String((entry as { credential?: unknown }).credential)

import { createHash, randomBytes } from 'node:crypto'
import * as oauth2 from '@openid4vc/oauth2'
import * as openid4vci from '@openid4vc/openid4vci'
import { makeKey, signJwt, type WalletKey } from '../../src/wallet/keys.ts'
import { remember } from './secrets.ts'

// Else it refuses http also on this machine.
for (const { setGlobalConfig } of [oauth2, openid4vci]) setGlobalConfig({ allowInsecureUrls: true })

type Options = { fetch?: typeof globalThis.fetch; dpop?: boolean; clientId?: string; redirectUri?: string }
type Token = { access_token: string; token_type: string; [member: string]: unknown }
type Bound = { dpop?: oauth2.RequestDpopOptions }
type Wish = { txCode?: string; configurationId?: string; copies?: number }

export type Claimed = {
  metadata: openid4vci.IssuerMetadataResult
  token: Token
  configurationId: string
  credentials: string[]
  /** The keys the credentials are bound to, in the same order. */
  keys: WalletKey[]
}

/** A wallet over `@openid4vc/openid4vci`, which others wrote and made wallets of. It leaves only keys and random bytes to us. */
export function foreignWallet(options: Options = {}) {
  const { fetch = globalThis.fetch, clientId = 'foreign-wallet' } = options
  const { redirectUri = 'https://foreign.example/callback' } = options
  const keys: WalletKey[] = []
  const newSigner = (): { key: WalletKey; signer: oauth2.JwtSignerJwk } => {
    const key = makeKey()
    keys.push(key)
    return { key, signer: { method: 'jwk', alg: 'ES256', publicJwk: { ...key.jwk, kty: 'EC' } } }
  }
  const sign: oauth2.SignJwtCallback = (signer, { header, payload }) => {
    const key = keys.find(({ jwk }) => signer.method === 'jwk' && jwk.x === signer.publicJwk.x)
    if (!key || signer.method !== 'jwk') throw new Error('This wallet has no such key.')
    return { jwt: signJwt(key, header, payload), signerJwk: signer.publicJwk }
  }
  const client = (clientAuthentication: oauth2.ClientAuthenticationCallback) =>
    new openid4vci.Openid4vciClient({
      callbacks: {
        fetch,
        hash: (bytes, algorithm) => createHash(algorithm.replace('-', '')).update(bytes).digest(),
        signJwt: sign,
        generateRandom: (length) => randomBytes(length),
        clientAuthentication,
      },
    })
  const anonymous = client(oauth2.clientAuthenticationAnonymous())
  const known = client(oauth2.clientAuthenticationNone({ clientId }))
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
    { copies = 1, ...wish }: Wish & { clientId?: string },
  ): Promise<Claimed> {
    remember(token.access_token, 'access_token')
    const configurationId = wish.configurationId ?? credentialOffer.credential_configuration_ids[0]!
    const { c_nonce: nonce } = await wallet.requestNonce({ issuerMetadata })
    remember(nonce, 'c_nonce')
    const about = { issuerMetadata, credentialConfigurationId: configurationId, nonce }
    const proofs = Array.from({ length: copies }, async () => {
      const { key, signer } = newSigner()
      const from = wish.clientId === undefined ? {} : { clientId: wish.clientId }
      return { key, ...(await wallet.createCredentialRequestJwtProof({ ...about, ...from, signer })) }
    })
    const [first, ...others] = await Promise.all(proofs)
    const { credentialResponse } = await wallet.retrieveCredentials({
      issuerMetadata,
      credentialConfigurationId: configurationId,
      accessToken: token.access_token,
      proofs: { jwt: [first!.jwt, ...others.map(({ jwt }) => jwt)] },
      ...(dpop && { dpop }),
    })
    const credentials = (credentialResponse.credentials ?? []).map((entry) => remember(textOf(entry), 'credential'))
    const used = [first!, ...others].map(({ key }) => key)
    return { metadata: issuerMetadata, token, configurationId, credentials, keys: used }
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

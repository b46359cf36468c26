import type { OpenId4VciCredentialBindingResolver, OpenId4VciResolvedCredentialOffer } from '@credo-ts/openid4vc'
import type { WalletKey } from '../../src/wallet/keys.ts'
import { startCredoAgent } from './credo-agent.ts'
import { transport } from './foreign-transport.ts'
import type { Claimed, ForeignOptions, Wish } from './foreign-wallet.ts'
import { rootOf } from './read-sd-jwt.ts'
import { remember } from './secrets.ts'

type Agent = Awaited<ReturnType<typeof startCredoAgent>>
type Holder = Agent['agent']['openid4vc']['holder']
type Token = Awaited<ReturnType<Holder['requestToken']>>
type Answer = Awaited<ReturnType<Holder['requestCredentials']>>

/**
 * A wallet over Credo, a framework that wallets are made of. Its messages are those of `@openid4vc/openid4vci`, too; what it does with
 * them is its own: it chooses proofs, verifies what it is given up to the issuer's root, and takes no credential for a key it did not
 * name. DPoP it uses wherever it is offered.
 */
export async function secondWallet(options: ForeignOptions = {}) {
  const { clientId = 'foreign-wallet', redirectUri = 'https://foreign.example/callback', attester } = options
  // What the agent sends goes through here, for its key is there only after it.
  const { agent, newKey, roots } = await startCredoAgent((input, init) => send(input, init))
  const instance = attester && (await newKey()).key
  const send = transport(options, instance)
  const vouched = () =>
    attester && instance ? { walletAttestationJwt: attester.attestWallet({ clientId, key: instance }) } : {}
  const { holder } = agent.openid4vc

  async function open(link: string): Promise<OpenId4VciResolvedCredentialOffer> {
    const opened = await holder.resolveCredentialOffer(link)
    roots.add(await rootOf(opened.credentialOfferPayload.credential_issuer, options.fetch))
    return opened
  }

  /** Fresh keys, as many as copies are wanted: each signs a proof, or somebody vouches for all of them. */
  function binding({ copies = 1, attestedBy }: Wish, keys: WalletKey[], nonce: string | undefined) {
    const resolver: OpenId4VciCredentialBindingResolver = async () => {
      const made = await Promise.all(Array.from({ length: copies }, newKey))
      keys.push(...made.map(({ key }) => key))
      if (!attestedBy) return { method: 'jwk', keys: made.map(({ publicJwk }) => publicJwk) }
      return { method: 'attestation', keyAttestationJwt: attestedBy.attestKeys({ keys, nonce }) }
    }
    return resolver
  }

  async function fetchCredentials(
    resolvedCredentialOffer: OpenId4VciResolvedCredentialOffer,
    token: Token,
    wish: Wish & { clientId?: string },
  ): Promise<Claimed> {
    remember(token.accessToken, 'access_token')
    const { metadata, credentialOfferPayload } = resolvedCredentialOffer
    const configurationId = wish.configurationId ?? credentialOfferPayload.credential_configuration_ids[0]!
    const cNonce = await nonceFrom(metadata.credentialIssuer.nonce_endpoint)
    const keys: WalletKey[] = []
    const answer = await holder.requestCredentials({
      resolvedCredentialOffer,
      ...token,
      cNonce,
      ...(wish.clientId !== undefined && { clientId: wish.clientId }),
      credentialConfigurationIds: [configurationId],
      credentialBindingResolver: binding(wish, keys, cNonce),
    })
    // Which key is whose the agent says only the first time.
    const [deferred] = answer.deferredCredentials
    const claimed = (received: Pick<Answer, 'credentials' | 'deferredCredentials'>): Claimed => {
      const later =
        deferred && received.deferredCredentials.length > 0
          ? async () =>
              claimed(await holder.requestDeferredCredentials({ ...token, ...deferred, issuerMetadata: metadata }))
          : undefined
      return {
        metadata,
        token: token.accessTokenResponse,
        configurationId,
        credentials: textsOf(received.credentials).map((text) => remember(text, 'credential')),
        keys,
        ...(later && { later }),
      }
    }
    return claimed(answer)
  }

  /** The agent would fetch it, too, but then nobody could attest keys for it. */
  async function nonceFrom(endpoint: string | undefined): Promise<string> {
    const answer = await send(String(endpoint), { method: 'POST' })
    return remember(((await answer.json()) as { c_nonce: string }).c_nonce, 'c_nonce')
  }

  /** From an offer link to credentials by pre-authorized code. */
  async function claim(link: string, { txCode, ...wish }: Wish = {}): Promise<Claimed> {
    const resolvedCredentialOffer = await open(link)
    const pin = txCode === undefined ? {} : { txCode }
    return fetchCredentials(
      resolvedCredentialOffer,
      await holder.requestToken({ resolvedCredentialOffer, ...pin, ...vouched() }),
      wish,
    )
  }

  /** From an offer link to credentials by a sign-in: `signIn` goes the browser's way and answers the URL that the wallet is called with. */
  async function claimBySignIn(link: string, signIn: (url: URL) => Promise<string>, wish: Wish = {}): Promise<Claimed> {
    const resolvedCredentialOffer = await open(link)
    const about = { clientId, redirectUri, ...vouched() }
    const begun = await holder.resolveOpenId4VciAuthorizationRequest(resolvedCredentialOffer, about)
    if (!('authorizationRequestUrl' in begun)) throw new Error('The issuer wants a presentation.')
    const authorizationResponseRedirectUrl = await signIn(new URL(begun.authorizationRequestUrl))
    const answered = { resolvedCredentialOffer, authorizationResponseRedirectUrl }
    const { authorizationCode: code } = holder.parseAuthorizationCodeFromAuthorizationResponse(answered)
    const { codeVerifier, dpop } = begun
    const token = await holder.requestToken({
      ...about,
      resolvedCredentialOffer,
      code: remember(code, 'code'),
      ...(codeVerifier !== undefined && { codeVerifier }),
      ...(dpop && { dpop }),
    })
    return fetchCredentials(resolvedCredentialOffer, token, { ...wish, clientId })
  }

  return { clientId, redirectUri, claim, claimBySignIn }
}

/** The credentials as they came. */
const textsOf = (received: Answer['credentials']): string[] =>
  received.flatMap(({ record }) =>
    record.credentialInstances.map((copy) =>
      'compactSdJwtVc' in copy
        ? copy.compactSdJwtVc
        : 'issuerSignedBase64Url' in copy
          ? copy.issuerSignedBase64Url
          : String(copy.credential),
    ),
  )

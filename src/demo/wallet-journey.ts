import { accept } from '../wallet/answer.ts'
import {
  authorizationRequest,
  authorizationUrl,
  makeRandom,
  pushAuthorizationRequest,
  readAuthorizationResponse,
} from '../wallet/authorization.ts'
import { requestCredentials } from '../wallet/credential.ts'
import { WalletError } from '../wallet/errors.ts'
import type { Fetch, Wallet } from '../wallet/exchange.ts'
import { makeKey } from '../wallet/keys.ts'
import { CredentialResponse, type Offer, PushedResponse, preAuthorizedCode, TokenResponse } from '../wallet/messages.ts'
import { loadOfferMetadata, type Metadata, resolveOffer } from '../wallet/metadata.ts'
import { redeemCode, redeemPreAuthorizedCode } from '../wallet/token.ts'
import { type Examined, examine } from './wallet-examine.ts'

/** What the demo wallet works with; `redirectUri` is its own callback. */
export type DemoWallet = { fetch: Fetch; clock: () => Date; redirectUri: string }

export const clientId = 'claimgate-demo-wallet'

/** A credential as received. `content` and `checks` are there for the formats that this wallet can read. */
export type Held = { configurationId: string; format: string; text: string } & Examined

/** One offer in one browser, from the link to the credentials. */
export type Journey = {
  offer: Offer
  metadata: Metadata
  wallet: Wallet
  /** While the browser is at the issuer's sign-in. */
  pending?: { state: string; codeVerifier: string }
  /** The issuer did not take the PIN. */
  refused?: WalletError
  received?: Held[]
}

/** Takes an offer, by link or as JSON, and reads the metadata it leads to. */
export async function beginJourney({ fetch, clock }: DemoWallet, linkOrJson: string): Promise<Journey> {
  const offer = await resolveOffer(fetch, linkOrJson)
  const metadata = await loadOfferMetadata(fetch, offer)
  const algorithms = metadata.authorizationServer.dpop_signing_alg_values_supported ?? []
  const dpop = algorithms.includes('ES256') && { dpop: { key: makeKey(), nonces: new Map<string, string>() } }
  return { offer, metadata, wallet: { fetch, clock, ...dpop } }
}

/** Whether the offer can be taken without a sign-in; with neither grant named, the wallet may sign in (OpenID4VCI §4.1.1). */
export const isPreAuthorized = ({ offer }: Journey): boolean => offer.grants[preAuthorizedCode] !== undefined
export const isBySignIn = (journey: Journey): boolean =>
  journey.offer.grants.authorization_code !== undefined || !isPreAuthorized(journey)

/** Authorization Code Flow, first end (OpenID4VCI §5): where the browser goes to sign in. */
export async function beginSignIn({ redirectUri }: DemoWallet, journey: Journey): Promise<URL> {
  const { offer, metadata, wallet } = journey
  const pending = { state: makeRandom(), codeVerifier: makeRandom() }
  const request = authorizationRequest(metadata, {
    clientId,
    redirectUri,
    configurationIds: offer.credential_configuration_ids,
    issuerState: offer.grants.authorization_code?.issuer_state,
    ...pending,
  })
  journey.pending = pending
  if (!metadata.authorizationServer.pushed_authorization_request_endpoint) return authorizationUrl(metadata, request)
  const pushed = accept(PushedResponse, await pushAuthorizationRequest(wallet, metadata, request))
  return authorizationUrl(metadata, { client_id: clientId, request_uri: pushed.request_uri })
}

/** Authorization Code Flow, second end: the answer in the browser's address becomes credentials. */
export async function finishSignIn(demo: DemoWallet, journey: Journey, query: URLSearchParams): Promise<void> {
  const { metadata, wallet, pending } = journey
  if (!pending) throw new WalletError('invalid_response', 'No sign-in is open in this browser.')
  const code = readAuthorizationResponse(metadata, query, pending.state)
  delete journey.pending
  const request = { code, clientId, redirectUri: demo.redirectUri, codeVerifier: pending.codeVerifier }
  const token = accept(TokenResponse, await redeemCode(wallet, metadata, request))
  journey.received = await collect(journey, token, clientId)
}

/** Pre-Authorized Code Flow (OpenID4VCI §3.5), anonymous where the issuer allows it. */
export async function redeemOffer(journey: Journey, txCode: string | undefined): Promise<void> {
  const { offer, metadata, wallet } = journey
  const code = offer.grants[preAuthorizedCode]?.['pre-authorized_code']
  if (code === undefined) throw new WalletError('invalid_offer', 'The offer has no pre-authorized code.')
  const anonymous = metadata.authorizationServer['pre-authorized_grant_anonymous_access_supported']
  const client = anonymous ? undefined : clientId
  const answer = await redeemPreAuthorizedCode(wallet, metadata, { code, txCode, clientId: client })
  journey.received = await collect(journey, accept(TokenResponse, answer), client)
}

/** One credential of each configuration, each for a key of its own. */
async function collect(journey: Journey, token: TokenResponse, client: string | undefined): Promise<Held[]> {
  const { offer, metadata, wallet } = journey
  const held: Held[] = []
  for (const configurationId of offer.credential_configuration_ids) {
    const configuration = metadata.issuer.credential_configurations_supported[configurationId]
    const keys = configuration?.proof_types_supported ? [makeKey()] : []
    const request = { configurationId, keys, clientId: client }
    const answer = await requestCredentials(wallet, metadata, token, request)
    for (const { credential } of accept(CredentialResponse, answer).credentials) {
      const text = typeof credential === 'string' ? credential : JSON.stringify(credential, null, 2)
      const format = configuration?.format ?? ''
      const read = configuration ? await examine(journey, text, configuration, keys[0]) : { checks: [] }
      held.push({ configurationId, format, text, ...read })
    }
  }
  return held
}

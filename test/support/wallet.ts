import { type Answer, readAnswer } from '../../src/wallet/answer.ts'
import {
  authorizationRequest,
  authorizationUrl,
  makeRandom,
  pushAuthorizationRequest,
} from '../../src/wallet/authorization.ts'
import type { ClientAuthentication } from '../../src/wallet/client-authentication.ts'
import type { Fetch, Form, Overrides, Wallet } from '../../src/wallet/exchange.ts'
import { makeKey } from '../../src/wallet/keys.ts'
import { loadMetadata, type Metadata } from '../../src/wallet/metadata.ts'
import {
  redeemCode,
  redeemPreAuthorizedCode,
  refresh as refreshToken,
  revoke as revokeToken,
} from '../../src/wallet/token.ts'
import { noteSecrets, type TestAnswer } from './answers.ts'
import { plainBrowser } from './plain-browser.ts'
import { remember as note } from './secrets.ts'
import { type SignedIn, type SignIn, walk } from './sign-in.ts'
import { issuerVerbs } from './wallet-issuer.ts'

type Options = {
  dpop?: boolean
  /** How it authenticates; `audience` is the issuer's identifier. */
  client?: ClientAuthentication
  clientId?: string
  redirectUri?: string
  fetch?: Fetch
  clock?: () => Date
  remember?: (secret: string, kind?: string) => unknown
}

/** A wallet for tests: the specification's verbs, the answers as they come, and any member can be wrong (`undefined` drops it). */
export function testWallet(issuer: string, options: Options = {}) {
  const {
    clientId = 'test-wallet',
    redirectUri = 'https://wallet.example/callback',
    clock = () => new Date(),
  } = options
  const { fetch = globalThis.fetch, remember = note } = options
  const dpopKey = makeKey()
  const wallet: Wallet = {
    fetch,
    clock,
    ...(options.client && { client: options.client }),
    ...(options.dpop && { dpop: { key: dpopKey, nonces: new Map() } }),
  }
  const [codeVerifier, state] = [makeRandom(), makeRandom()]
  remember(codeVerifier, 'code_verifier')
  /** Which client redeemed a token, for `iss` in the proofs. */
  const clientOf = new Map<string, string>()
  let loaded: Promise<Metadata> | undefined
  const metadata = () => (loaded ??= loadMetadata(fetch, issuer))

  const noted = (answer: Answer): TestAnswer => noteSecrets(answer, remember)

  /** The whole authorization request; by default for the first credential configuration. */
  async function request(members: Form = {}): Promise<Form> {
    const { issuer: document } = await metadata()
    const configurationIds = Object.keys(document.credential_configurations_supported).slice(0, 1)
    const whole = authorizationRequest(await metadata(), {
      clientId,
      redirectUri,
      configurationIds,
      codeVerifier,
      state,
    })
    return { ...whole, ...members }
  }

  const push = async (members?: Form, overrides?: Overrides): Promise<TestAnswer> =>
    noted(await pushAuthorizationRequest(wallet, await metadata(), await request(members), overrides))

  /** Where the browser goes: with these members and `client_id` if there is a `request_uri`, else with the whole request. */
  const authorizeUrl = async (members: Form = {}): Promise<URL> =>
    authorizationUrl(
      await metadata(),
      'request_uri' in members ? { client_id: clientId, ...members } : await request(members),
    )

  /** One GET of the authorization endpoint, its redirect not followed. */
  const authorize = async (members?: Form): Promise<TestAnswer> =>
    noted(await readAnswer(await fetch(await authorizeUrl(members), { redirect: 'manual' })))

  /** The browser's whole way: authorization endpoint, chooser, the provider's sign-in page, consent, back to the wallet. */
  async function signIn(how: SignIn = {}): Promise<SignedIn> {
    const pushed = how.push === false ? undefined : await push(how.members)
    if (pushed && pushed.status !== 201) throw new Error(`The pushed request was refused: ${pushed.text}`)
    const url = await authorizeUrl(pushed ? { request_uri: pushed.body.request_uri } : how.members)
    const signedIn = await walk(how.browser ?? plainBrowser(fetch), url, redirectUri, how)
    if (signedIn.code) remember(signedIn.code, 'code')
    return signedIn
  }

  /** Token request: with the answer of a sign-in, or with a pre-authorized code (anonymous, unless `client_id` is given). */
  async function redeem(grant: string | Pick<SignedIn, 'code'>, txCode?: string, body: Form = {}, more?: Overrides) {
    const overrides = { ...more, body }
    const byCode = typeof grant === 'object'
    const code = byCode ? grant.code : grant
    if (code.length > 20) remember(code, 'code') // what a test made up is no secret, and may be a word of any log
    if (txCode !== undefined) remember(txCode, 'tx_code')
    const answer = byCode
      ? await redeemCode(wallet, await metadata(), { code: grant.code, clientId, redirectUri, codeVerifier }, overrides)
      : await redeemPreAuthorizedCode(wallet, await metadata(), { code: grant, txCode }, overrides)
    const client = 'client_id' in body ? body.client_id : byCode ? clientId : undefined
    if (typeof client === 'string') clientOf.set(String(answer.body.access_token), client)
    return noted(answer)
  }

  /** Token request with the refresh token of an answer, by the client that redeemed its grant. */
  async function refresh({ body: before }: Pick<TestAnswer, 'body'>, body: Form = {}, more?: Overrides) {
    const client = clientOf.get(before.access_token)
    const given = { refreshToken: before.refresh_token, clientId: client }
    const answer = await refreshToken(wallet, await metadata(), given, { ...more, body })
    if (client !== undefined) clientOf.set(String(answer.body.access_token), client)
    return noted(answer)
  }

  /** Revocation request; takes a token's secret. */
  const revoke = async (token: string, body: Form = {}, more?: Overrides): Promise<TestAnswer> =>
    noted(await revokeToken(wallet, await metadata(), { token, clientId }, { ...more, body }))

  const self = { issuer, clientId, redirectUri, codeVerifier, state, dpopKey, metadata }
  const atIssuer = issuerVerbs({ wallet, metadata, noted, clientOf, dpop: options.dpop === true })
  return { ...self, push, authorizeUrl, authorize, signIn, redeem, refresh, revoke, ...atIssuer }
}

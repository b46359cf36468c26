import type { z } from 'zod'
import type { Jwk } from '../lib/jwk.ts'
import type { ProtocolError } from '../protocol/errors.ts'

/** A person at an identity provider: issuer and subject together (OpenID Connect Core §5.7). */
export type Account = { issuer: string; subject: string }

/** What a sign-in gave, after every check. Tokens are not in it. */
export type SignIn = {
  account: Account
  id_token: Record<string, unknown>
  userinfo: Record<string, unknown>
  /** Claims that the provider did not tell, or not whole, and the fault for a rule that reads one: they are not absent, but unknown. */
  unknown?: ReadonlyMap<string, ProtocolError>
  /** Where one was asked for and given. */
  renewal?: UpstreamRenewal
}

/** What claims can be fetched with once the person has gone (OIDC Core §12): the provider's refresh token, and of whom and what it is. Kept sealed. */
export type UpstreamRenewal = {
  refreshToken: string
  issuer: string
  subject: string
  nonce?: string
  authTime?: number
}

/** What the provider's directory says of a person, beyond the tokens: JSON, of a shape by kind. */
export type DirectoryUser = Record<string, unknown>

/** What must be remembered between the two ends of a sign-in; kept sealed. */
export type SignInMemory = {
  nonce: string
  codeVerifier: string
  redirectUri: string
  state: string
  acrValues?: string[]
  amrValues?: string[]
  maxAge?: number
  /** Nobody reads UserInfo, so that it is not asked for. */
  withoutUserinfo?: boolean
  /** A refresh token was asked for, and is kept. */
  offline?: boolean
}

/** What a sign-in is for: the scopes and claims that somebody will read. */
export type NeededClaims = {
  scope: string
  /** Names of claims, in the ID token and at the UserInfo Endpoint. */
  id_token: readonly string[]
  userinfo: readonly string[]
  /** Without this the UserInfo Endpoint is not asked. */
  readsUserinfo: boolean
}

export type BeginOptions = {
  state: string
  redirectUri: string
  /** Default: the settings', or else what is needed. */
  scope?: string
  /** Default: the scopes `openid profile email`, and UserInfo. */
  needed?: NeededClaims
  loginHint?: string
  acrValues?: string[]
  /** Checked and not asked for: no parameter asks for a method. */
  amrValues?: string[]
  maxAge?: number
  locales?: string
  /** `login`: ask for the account again, for "not you?". */
  prompt?: string
  parameters?: Record<string, string>
  /** Ask for a refresh token (OIDC Core §11). */
  offline?: boolean
}

/** One configured provider. Both ends throw a `ProtocolError` whose `help` is a key of the problem texts. */
export type Upstream = {
  /** The provider's host, for pages. */
  host: string
  /** What its ID tokens call it, or the template of that. */
  issuer: string
  begin(options: BeginOptions): Promise<{ url: URL; memory: SignInMemory }>
  /** `answer` is the callback's query. Checks state, iss, code, ID token (signature, iss, aud, azp, exp, iat, nonce, at_hash, acr, amr, auth_time) and UserInfo's sub. */
  finish(answer: URLSearchParams, memory: SignInMemory): Promise<SignIn>
  /**
   * What the provider says of the person now, without them (OIDC Core §12). Many providers change the refresh token with each use: `keep` gets the one
   * that holds from then on before anything else of the answer is looked at. `readsUserinfo` says whether anybody does.
   * Throws `refresh-account-ended`, `refresh-session-ended`, `refresh-other-account` or `refresh-unavailable`.
   */
  renew(
    renewal: UpstreamRenewal,
    keep: (refreshToken: string) => Promise<void>,
    readsUserinfo: boolean,
  ): Promise<SignIn>
  /**
   * The person in the provider's directory, where the settings let us look there; `wanted` are the members that rules read, such as
   * `attributes` and `groups` (none: all). Throws a fault `admin-api-…`, or `idp-user-disabled`.
   */
  findUser?(account: Account, wanted: readonly string[]): Promise<DirectoryUser>
  /**
   * What a sign-in with these wishes would give for a person, who is not there: by user name, e-mail address or id. Undefined if there is
   * nobody of that name. Throws a fault `admin-api-…`.
   */
  preview?(user: string, wishes: Pick<BeginOptions, 'scope' | 'needed'>): Promise<SignIn | undefined>
}

/** A private key that Claimgate made for one provider, as a JWK with `kid` and `alg`: to sign with, or to open what the provider encrypts. */
export type ClientKeys = {
  /** Whose they are: other providers have other keys. */
  owner: string
  get(use: 'sig' | 'enc'): Promise<Jwk>
}

export type ConnectorNeeds = {
  fetch: typeof globalThis.fetch
  clock: () => Date
  random: (bytes: number) => Buffer
  keys: ClientKeys
}

/** A kind of identity provider. `settings` is what the tenant file writes beside `kind`. */
export type Connector<Settings = never> = {
  kind: string
  settings: z.ZodType<Settings>
  /** The members of `settings` that are secrets: sealed in the database, never shown. */
  secrets: readonly (keyof Settings & string)[]
  /**
   * Why rules cannot read `user` at these steps, as the end of a sentence; undefined where they can. A kind without this has no directory.
   */
  lacks?(settings: Settings, steps: readonly string[]): string | undefined
  connect(needs: ConnectorNeeds, settings: Settings): Upstream
}

/** A connector whose settings are known to itself only. */
export type AnyConnector = {
  kind: string
  settings: z.ZodType<Record<string, unknown>>
  secrets: readonly string[]
  lacks?(settings: Record<string, unknown>, steps: readonly string[]): string | undefined
  connect(needs: ConnectorNeeds, settings: Record<string, unknown>): Upstream
}

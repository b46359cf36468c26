import * as client from 'openid-client'
import { z } from 'zod'
import { isLoopback } from '../lib/addresses.ts'
import { equal } from '../lib/secrets.ts'
import { authorizationParameters } from './authorization-parameters.ts'
import type { Connector, ConnectorNeeds, SignIn, SignInMemory, Upstream } from './connector.ts'
import { openProvider, type Provider, type ProviderSettings, protocolErrorIn } from './discovery.ts'
import { type Dialect, faultOfRefusal } from './endpoints.ts'
import { fault } from './faults.ts'
import { checkIdToken, faultOfIdToken, isAboutKeys } from './id-token.ts'
import type { Product } from './product.ts'

/** An address of a provider: https, or http on this very machine; without query and fragment. */
export const ProviderUrl = z
  .url({ protocol: /^https?$/, error: 'This must be an https address.' })
  .refine((text) => !/[?#]/.test(text), 'This address has no query and no fragment.')
  .refine((text) => !URL.canParse(text) || new URL(text).username === '', 'This address holds no user name.')
  .refine(
    (text) => !URL.canParse(text) || text.startsWith('https:') || isLoopback(new URL(text).hostname),
    'An address with http leads to this very machine only; use https.',
  )

/** What every provider needs to know us by. */
export const clientSettings = {
  client_id: z.string().min(1).max(255),
  client_secret: z.string().min(1).max(2000),
  scope: z.string().max(1000).optional(),
  /** How the secret is sent (OIDC Core §9); default: what the provider's metadata offers. */
  client_auth: z.enum(['basic', 'post']).optional(),
}
const Settings = z.strictObject({ issuer: ProviderUrl, ...clientSettings })

type OpenIdSettings = ProviderSettings & { scope?: string | undefined }

/** The callback's query, checked (RFC 6749 §4.1.2, RFC 9207 §2.4): the code. We read it ourselves, for the library hides an error behind a missing `iss`. */
function codeOf(
  answer: URLSearchParams,
  memory: SignInMemory,
  metadata: client.ServerMetadata,
  dialect?: Dialect,
): string {
  const names = ['state', 'iss', 'error', 'code', 'response'] as const
  for (const name of names) if (answer.getAll(name).length > 1) throw fault('callback-malformed', { repeated: name })
  const [state, iss, error, code, response] = names.map((name) => answer.get(name))
  if (!state || !equal(state, memory.state)) throw fault('callback-state-unknown')
  if (iss && iss !== metadata.issuer)
    throw fault('callback-wrong-provider', { expected: metadata.issuer, got: iss.slice(0, 300) })
  if (error) {
    const description = answer.get('error_description') ?? ''
    throw faultOfRefusal({ endpoint: 'authorization', error, description }, dialect)
  }
  if (!iss && metadata.authorization_response_iss_parameter_supported)
    throw fault('callback-iss-missing', { issuer: metadata.issuer })
  if (!code || response) throw fault('callback-malformed', { members: [...new Set(answer.keys())] })
  return code
}

async function userInfoOf({ configuration, metadata }: Provider, accessToken: string, subject: string) {
  if (metadata.userinfo_endpoint === undefined) return {}
  const asked = client.fetchUserInfo(configuration, accessToken, subject)
  return asked.catch((error: unknown) => {
    throw protocolErrorIn(error) ?? fault('userinfo-subject', { endpoint: 'userinfo' })
  })
}

/** A relying party of one OpenID Provider, or of a product that differs from one. */
export function connectOpenId(needs: ConnectorNeeds, settings: OpenIdSettings, product: Product = {}): Upstream {
  const { clock, random } = needs
  const { issuer, client_id } = settings
  const { dialect, account = ({ iss, sub }) => ({ issuer: String(iss), subject: String(sub) }) } = product
  const provider = openProvider(needs, settings, dialect ?? (() => undefined))

  return {
    host: new URL(issuer).host,
    issuer: product.publishes ?? issuer,

    async begin(options) {
      const { configuration, metadata } = await provider.get()
      const { state, redirectUri, acrValues, amrValues, maxAge } = options
      const drawn = { nonce: random(32).toString('base64url'), codeVerifier: random(32).toString('base64url') }
      const asked = {
        ...(acrValues !== undefined && { acrValues }),
        ...(amrValues !== undefined && { amrValues }),
        ...(maxAge !== undefined && { maxAge }),
        ...(options.needed?.readsUserinfo === false && { withoutUserinfo: true }),
      }
      const memory = { ...drawn, redirectUri, state, ...asked }
      const parameters = authorizationParameters(options, memory, metadata, settings.scope)
      if (!metadata.require_pushed_authorization_requests) {
        return { url: client.buildAuthorizationUrl(configuration, parameters), memory }
      }
      const pushed = client.buildAuthorizationUrlWithPAR(configuration, parameters).catch((error: unknown) => {
        throw protocolErrorIn(error) ?? fault('idp-par-refused', { endpoint: 'par' })
      })
      return { url: await pushed, memory }
    },

    async finish(answer, memory): Promise<SignIn> {
      const { configuration, metadata } = await provider.get()
      const code = codeOf(answer, memory, metadata, dialect)
      const callback = new URL(memory.redirectUri)
      callback.search = new URLSearchParams({ code, state: memory.state, iss: metadata.issuer }).toString()
      const { codeVerifier: pkceCodeVerifier, nonce: expectedNonce, state: expectedState } = memory
      const checks = { pkceCodeVerifier, expectedNonce, expectedState, idTokenExpected: true }
      const tokens = await client.authorizationCodeGrant(configuration, callback, checks).catch((error: unknown) => {
        // The code is spent and cannot be tried again; the next sign-in shall not meet the same stale keys.
        if (isAboutKeys(error)) provider.forget()
        throw faultOfIdToken(error)
      })
      const [claims, idToken, accessToken] = [tokens.claims(), tokens.id_token, tokens.access_token]
      if (!claims || !idToken) throw fault('idp-no-id-token')
      checkIdToken({ idToken, accessToken, claims, memory, clientId: client_id, now: clock() })
      const userinfo = memory.withoutUserinfo
        ? {}
        : await userInfoOf({ configuration, metadata }, accessToken, claims.sub)
      if ('act' in userinfo) throw fault('id-token-impersonated')
      return {
        account: account(claims),
        id_token: { ...claims },
        userinfo: { ...userinfo },
      }
    },
  }
}

/** Any OpenID Provider with discovery: authorization code flow with PKCE (OIDC Core §3.1, RFC 9700). */
export const oidc: Connector<z.infer<typeof Settings>> = {
  kind: 'oidc',
  settings: Settings,
  secrets: ['client_secret'],
  connect: (needs, settings) => connectOpenId(needs, settings),
}

import * as client from 'openid-client'
import { z } from 'zod'
import { newSecret } from '../lib/ids.ts'
import { authorizationParameters } from './authorization-parameters.ts'
import { authorizationUrl } from './authorization-request.ts'
import { boundBy } from './bound-tokens.ts'
import { readCallback } from './callback.ts'
import { checkClient, clientSecrets, clientSettings, ProviderUrl } from './client-settings.ts'
import type { Connector, ConnectorNeeds, SignIn, Upstream, UpstreamRenewal } from './connector.ts'
import { openProvider, type Provider, type ProviderSettings } from './discovery.ts'
import { fault } from './faults.ts'
import { checkIdToken, faultOfIdToken } from './id-token.ts'
import type { Product } from './product.ts'
import { keepingAnswer, verified } from './relying-party.ts'
import { faultOfRenewal, renewSignIn } from './renew.ts'
import { fetchUserInfo } from './userinfo.ts'
import { withWholeGroups } from './whole-groups.ts'

const Settings = z
  .strictObject({
    issuer: ProviderUrl,
    ...clientSettings,
    /** How many groups the provider names at most; a list `groups` that long is taken for cut off. */
    groups_limit: z.int().min(1).optional(),
  })
  .superRefine(checkClient)

const renewalOf = (refreshToken: string, { iss, sub, nonce, auth_time }: client.IDToken): UpstreamRenewal => ({
  ...{ refreshToken, issuer: iss, subject: sub },
  ...(typeof nonce === 'string' && { nonce }),
  ...(auth_time !== undefined && { authTime: auth_time }),
})

/** A relying party of one OpenID Provider, or of a product that differs from one. */
export function connectOpenId(needs: ConnectorNeeds, settings: ProviderSettings, product: Product = {}): Upstream {
  const { clock, keys } = needs
  const { issuer, client_id } = settings
  const { account = ({ iss, sub }) => ({ issuer: String(iss), subject: String(sub) }) } = product
  const provider = openProvider(needs, settings, product)
  const us = { keys, product }

  return {
    host: new URL(issuer).host,
    issuer: product.publishes ?? issuer,

    async begin(options) {
      const found = await provider.get()
      const { state, redirectUri, acrValues, amrValues, maxAge } = options
      const drawn = { nonce: newSecret(needs), codeVerifier: newSecret(needs) }
      const asked = {
        ...(acrValues !== undefined && { acrValues }),
        ...(amrValues !== undefined && { amrValues }),
        ...(maxAge !== undefined && { maxAge }),
        ...(options.needed?.readsUserinfo === false && { withoutUserinfo: true }),
        ...(options.offline && { offline: true }),
      }
      const memory = { ...drawn, redirectUri, state, ...asked }
      const parameters = authorizationParameters(options, memory, found.metadata, product, settings.scope)
      return { url: await authorizationUrl(found, settings, parameters), memory }
    },

    async finish(answer, memory): Promise<SignIn> {
      const found = await provider.get()
      const { code, iss } = readCallback(answer, memory, found.metadata, product)
      const dpop = await boundBy(found, settings)
      const binding = dpop && { DPoP: dpop }

      const { codeVerifier: pkceCodeVerifier, nonce: expectedNonce, state: expectedState } = memory
      const checks = { pkceCodeVerifier, expectedNonce, expectedState, idTokenExpected: true }
      const redeeming: Provider = { ...found, fetch: keepingAnswer(found.fetch) }
      const redeemed = verified(redeeming, us, (configuration, expected) => {
        const callback = new URL(memory.redirectUri)
        callback.search = new URLSearchParams({ code, state: memory.state, iss: expected }).toString()
        return client.authorizationCodeGrant(configuration, callback, checks, undefined, binding)
      })
      const tokens = await redeemed.catch((error: unknown) => {
        throw faultOfIdToken(error)
      })
      const [claims, accessToken] = [tokens.claims(), tokens.access_token]
      const idToken = client.getDecryptedResponses(tokens)?.id_token?.token_endpoint ?? tokens.id_token
      if (!claims || !idToken) throw fault('idp-no-id-token')
      if (product.issuers && iss && iss !== claims.iss)
        throw fault('callback-wrong-provider', { expected: claims.iss, got: iss.slice(0, 300) })
      const isBound = tokens.token_type === 'dpop'
      if (settings.dpop === 'required' && !isBound) throw fault('idp-dpop-refused', { type: tokens.token_type })
      checkIdToken({ idToken, accessToken, claims, memory, clientId: client_id, now: clock() })

      const proof = isBound ? binding : undefined
      const userinfo = memory.withoutUserinfo
        ? {}
        : await fetchUserInfo(found, us, { accessToken, subject: claims.sub, proof })
      const signIn = { account: account(claims), id_token: { ...claims }, userinfo }
      const { refresh_token: refreshToken } = tokens
      return memory.offline && refreshToken ? { ...signIn, renewal: renewalOf(refreshToken, claims) } : signIn
    },

    async renew(...given) {
      try {
        const found = await provider.get()
        return await renewSignIn({ provider: found, settings, us, account, now: clock() }, ...given)
      } catch (error) {
        throw faultOfRenewal(error)
      }
    },
  }
}

/** Any OpenID Provider with discovery: authorization code flow with PKCE (OIDC Core §3.1, RFC 9700). */
export const oidc: Connector<z.infer<typeof Settings>> = {
  kind: 'oidc',
  settings: Settings,
  secrets: clientSecrets,
  connect: (needs, { groups_limit, ...settings }) => withWholeGroups(connectOpenId(needs, settings), groups_limit),
}

import type { ClientMetadata, Configuration } from 'oidc-provider'
import { remember } from './secrets.ts'
import { startStrictProvider } from './strict-provider.ts'

type Json = Record<string, unknown>

/**
 * A real OpenID Provider (`oidc-provider`) whose refresh tokens serve once, for its client `claimgate` at any redirect URI. `people` may change at any
 * time; who is taken away has no account any more. `gate` holds claims back.
 */
export async function startRenewingProvider({
  client = {},
  features = {},
}: {
  client?: Partial<ClientMetadata>
  features?: Configuration['features']
} = {}) {
  const [client_id, client_secret] = ['claimgate', 'claimgate-secret']
  const people = new Map<string, Json>([
    ['alice', { given_name: 'Alice', department: 'Sales' }],
    ['bob', { given_name: 'Bob', department: 'Sales' }],
  ])
  const gate = { opened: Promise.resolve() }
  const strict = await startStrictProvider({
    client: {
      ...{ client_id, client_secret, redirect_uris: ['http://127.0.0.1/acme/callback/idp'] },
      ...{ grant_types: ['authorization_code', 'refresh_token'], require_auth_time: true },
      ...client,
    },
    features,
    settings: {
      rotateRefreshToken: true,
      scopes: ['openid', 'offline_access'],
      claims: { openid: ['sub'], profile: ['given_name', 'department'] },
      findAccount: (_, id) => {
        const claims = people.get(id)
        // Claims are asked for when the next refresh token has been made.
        return claims && { accountId: id, claims: () => gate.opened.then(() => ({ ...claims, sub: id })) }
      },
    },
  })
  Object.defineProperty(strict.provider.Client.prototype, 'redirectUriAllowed', { value: () => true })
  strict.provider.on('refresh_token.saved', ({ jti }: { jti: string }) => remember(jti, 'refresh_token'))
  return { ...strict, client_id, client_secret, people, gate }
}

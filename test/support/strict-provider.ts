import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import Provider, { type ClientMetadata, type Configuration } from 'oidc-provider'
import { demoAccounts } from '../../src/demo/accounts.ts'
import { memoryAdapter } from '../../src/demo/memory-adapter.ts'
import { demoPages } from '../../src/demo/pages.ts'
import { signIn } from '../../src/demo/sign-in.ts'

type Options = {
  /** Its one client; none where `settings` has some. */
  client?: ClientMetadata
  features?: Configuration['features']
  settings?: Configuration
  /** Speaks TLS and asks for the client's certificate. */
  tls?: { cert: string; key: string }
}

/** A real OpenID Provider (`oidc-provider`, people alice and bob) that demands of its client what `features` and the client's metadata say. */
export async function startStrictProvider({ client, features = {}, settings = {}, tls }: Options) {
  const requests: string[] = []
  let answer: ReturnType<Provider['callback']> | undefined
  const listener = (request: Parameters<ReturnType<Provider['callback']>>[0], response: never) => {
    requests.push(`${request.method} ${new URL(request.url ?? '/', issuer).pathname}`)
    void answer?.(request, response)
  }
  const server = tls
    ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false }, listener as never)
    : createServer(listener as never)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const issuer = tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const provider = new Provider(issuer, {
    adapter: memoryAdapter(Date.now),
    clients: client ? [{ id_token_signed_response_alg: 'ES256', ...client }] : [],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' }] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    claims: { openid: ['sub'], profile: ['given_name'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, ...features },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, given_name: id }) }),
    renderError: (ctx, { error, error_description: said }) => {
      ctx.body = `${error} ${said}`
    },
    ttl: {
      ...{ AccessToken: 300, AuthorizationCode: 60, IdToken: 300, RefreshToken: 900 },
      ...{ Interaction: 900, Session: 900, Grant: 900 },
    },
    ...settings,
  })
  provider.use(signIn({ provider, pages: demoPages(''), accounts: demoAccounts }))
  answer = provider.callback()
  return {
    issuer,
    provider,
    requests,
    stop: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Mutual TLS at the provider: tokens are bound to the certificate that the client shows (RFC 8705 §3). */
export const mutualTls: NonNullable<Configuration['features']>['mTLS'] = {
  ...{ enabled: true, selfSignedTlsClientAuth: true, certificateBoundAccessTokens: true },
  getCertificate: (ctx) => (ctx.socket as TLSSocket).getPeerX509Certificate(),
}

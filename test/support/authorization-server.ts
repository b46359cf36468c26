import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { CompactSign, type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose'
import { remember } from './secrets.ts'

type Json = Record<string, unknown>
type Key = { privateKey: CryptoKey; jwk: JWK }
type Forgery = { header?: Json; claims?: Json; key?: CryptoKey | Uint8Array }

export const serverSecret = 'secret-of-the-introspecting-client'

async function makeKey(alg: string, kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg)
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** An authorization server that others wrote, as far as a resource server sees it: metadata, keys, introspection, UserInfo. */
export async function startAuthorizationServer() {
  let key = await makeKey('ES256', 'one')
  /** The claims of opaque tokens and of active JWTs, by token. */
  const active = new Map<string, Json>()
  const requests: string[] = []
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const state = {
    issuer,
    requests,
    active,
    userinfo: {} as Json,
    down: false,
    /** Of the client that may ask for tokens. */
    secret: serverSecret,
    openIdOnly: false,
    metadata: {} as Json,
    jwk: () => key.jwk,
    token,
    rotate,
    stop,
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', issuer).pathname
    requests.push(`${request.method} ${path}`)
    const send = (status: number, body: unknown) =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (state.down) return send(503, {})
    const places = [
      '/.well-known/openid-configuration',
      state.openIdOnly ? '' : '/.well-known/oauth-authorization-server',
    ]
    if (places.includes(path))
      return send(200, {
        issuer,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        introspection_endpoint: `${issuer}/introspect`,
        userinfo_endpoint: `${issuer}/me`,
        ...state.metadata,
      })
    if (path === '/keys') return send(200, { keys: [key.jwk] })
    if (path === '/me') return send(request.headers.authorization ? 200 : 401, state.userinfo)
    if (path !== '/introspect') return send(404, {})
    const isClient = request.headers.authorization === `Basic ${btoa(`claimgate:${state.secret}`)}`
    if (!isClient) return send(401, { error: 'invalid_client' })
    const claims = active.get(new URLSearchParams(await text(request)).get('token') ?? '')
    send(200, claims ? { active: true, ...claims } : { active: false })
  }

  /** An access token for this audience, as RFC 9068 has it; any member may be wrong, and `undefined` drops it. */
  async function token(aud: unknown, { header = {}, claims = {}, key: signer = key.privateKey }: Forgery = {}) {
    const iat = Math.floor(Date.now() / 1000)
    const payload = {
      ...{ iss: issuer, sub: 'alice', aud, client_id: 'test-wallet', scope: 'openid badge library', jti: randomUUID() },
      ...{ iat, exp: iat + 300, given_name: 'Alice', employee_number: 'E-1001' },
      ...claims,
    }
    const protectedHeader = { typ: 'at+jwt', alg: 'ES256', kid: key.jwk.kid, ...header }
    const bytes = Buffer.from(JSON.stringify(payload))
    const encoded = (part: Json) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const made =
      protectedHeader.alg === 'none'
        ? `${encoded(protectedHeader)}.${encoded(payload)}.`
        : await new CompactSign(bytes).setProtectedHeader(protectedHeader as never).sign(signer)
    remember(made, 'access_token')
    return made
  }

  /** Other keys from now on; under another `kid`, or under the same one. */
  async function rotate(kid: string): Promise<void> {
    key = await makeKey('ES256', kid)
  }

  async function stop(): Promise<void> {
    server.close()
    server.closeAllConnections()
  }

  return state
}

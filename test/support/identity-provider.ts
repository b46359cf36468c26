import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { CompactSign, exportJWK, generateKeyPair } from 'jose'
import { startDemoProvider } from '../../src/demo/provider.ts'
import { plainBrowser } from './plain-browser.ts'
import { remember } from './secrets.ts'

type Json = Record<string, unknown>
type Answer = { status?: number; type?: string; body?: string; headers?: Record<string, string>; hang?: boolean }

/** What goes wrong on the wire; paths are the provider's: `/token`, `/me`, `/jwks`, `/request`, `/.well-known/openid-configuration`. */
export type Spoil = {
  /** Another ID token, signed with a published key all the same. */
  idToken?: (claims: Json) => Json
  /** Members of the ID token's header; `alg` also decides how it is signed (`none`, `HS256` with the client secret). */
  header?: Json
  /** Signed by a stranger under the published key's id. */
  stranger?: boolean
  /** Another JSON answer. */
  json?: Record<string, (body: Json) => Json>
  /** Another answer altogether, or none. */
  answers?: Record<string, Answer>
  /** Another query at the callback. */
  callback?: (query: URLSearchParams) => void
}

export type IdentityProvider = {
  issuer: string
  client_id: string
  client_secret: string
  /** Change it at any time; `{}` is an honest provider. */
  spoil: Spoil
  /** The method and path of every request there was. */
  requests: string[]
  stop(): Promise<void>
}

const decode = (part = ''): Json => JSON.parse(Buffer.from(part, 'base64url').toString()) as Json
const encode = (value: Json): string => Buffer.from(JSON.stringify(value)).toString('base64url')

async function signer(clientSecret: string) {
  const [own, strange] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'double', use: 'sig', alg: 'ES256' }
  const sign = async (
    token: string,
    { idToken = (claims) => claims, header = {}, stranger }: Spoil,
  ): Promise<string> => {
    const [payload, protectedHeader] = [
      idToken(decode(token.split('.')[1])),
      { alg: 'ES256', kid: 'double', ...header },
    ]
    const input = `${encode(protectedHeader)}.${encode(payload)}`
    if (protectedHeader.alg === 'none') return `${input}.`
    if (protectedHeader.alg === 'HS256')
      return `${input}.${createHmac('sha256', clientSecret).update(input).digest('base64url')}`
    const key = stranger ? strange.privateKey : own.privateKey
    return new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader(protectedHeader).sign(key)
  }
  return { jwk, sign }
}

/**
 * A real OpenID Provider (`oidc-provider`, with the demo's accounts alice and bob) behind a proxy that spoils what is asked of it.
 * `redirectUris` are those of its one client; the client's secret is sent by Basic, as post, or both.
 */
export async function startIdentityProvider({
  redirectUris = ['http://127.0.0.1/callback'],
  port = 0,
}: {
  redirectUris?: string[]
  port?: number
} = {}): Promise<IdentityProvider> {
  const [client_id, client_secret] = ['claimgate', 'claimgate-secret']
  const front = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  await once(front.listen(port, '127.0.0.1'), 'listening')
  const issuer = `http://127.0.0.1:${(front.address() as AddressInfo).port}`
  const clients = [{ client_id, client_secret, redirect_uris: redirectUris }]
  const inner = await startDemoProvider({ port: 0, host: '127.0.0.1', publicUrl: issuer, clients })
  const { jwk, sign } = await signer(client_secret)
  const state: IdentityProvider = {
    ...{ issuer, client_id, client_secret, spoil: {}, requests: [] },
    stop: async () => {
      front.close()
      front.closeAllConnections()
      await inner.close()
    },
  }

  async function spoiled(path: string, honest: string, type: string): Promise<string> {
    const { spoil } = state
    if (!type.includes('json')) return honest
    let body = JSON.parse(honest) as Json
    if (path === '/jwks') body = { keys: [...(body.keys as Json[]), jwk] }
    if (path === '/token' && typeof body.id_token === 'string' && (spoil.idToken || spoil.header || spoil.stranger)) {
      body.id_token = await sign(body.id_token, spoil)
    }
    if (path === '/token') for (const kind of ['access_token', 'id_token']) remember(String(body[kind]), kind)
    return JSON.stringify(spoil.json?.[path]?.(body) ?? body)
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', issuer).pathname
    state.requests.push(`${request.method} ${path}`)
    const { answers = {}, callback } = state.spoil
    const { hang, status = 200, type = 'application/json', body = '', headers = {} } = answers[path] ?? {}
    if (hang) return
    if (answers[path]) return void response.writeHead(status, { 'content-type': type, ...headers }).end(body)

    const form = request.method === 'POST' ? await text(request) : undefined
    const passed = ['accept', 'authorization', 'content-type', 'cookie'].map((name) => [name, request.headers[name]])
    const answer = await fetch(`http://127.0.0.1:${inner.port}${request.url}`, {
      ...{ method: request.method ?? 'GET', redirect: 'manual' },
      ...(form !== undefined && { body: form }),
      headers: Object.fromEntries(passed.filter(([, value]) => value !== undefined)) as Record<string, string>,
    })
    for (const [name, value] of answer.headers) {
      if (!/^(content-length|transfer-encoding|connection|set-cookie|keep-alive)$/.test(name))
        response.setHeader(name, value)
    }
    response.setHeader('set-cookie', answer.headers.getSetCookie())
    const location = answer.headers.get('location')
    if (location && redirectUris.some((uri) => location.startsWith(uri))) {
      const target = new URL(location)
      callback?.(target.searchParams)
      remember(target.searchParams.get('code') ?? '', 'code')
      response.setHeader('location', target.href)
    }
    const honest = await answer.text()
    response.writeHead(answer.status).end(await spoiled(path, honest, answer.headers.get('content-type') ?? ''))
  }
  return state
}

/** Signs in at the demo provider's or Keycloak's own page, as a browser without script would. Answers the callback's query. */
export async function signInAt(
  url: URL,
  username: string,
  redirectUri: string,
  { password = username, fetch = globalThis.fetch }: { password?: string; fetch?: typeof globalThis.fetch } = {},
): Promise<URLSearchParams> {
  const browser = plainBrowser(fetch)
  const page = await browser.go(url, {}, redirectUri)
  if (page.status === 0) return new URL(page.url).searchParams
  const button = page.text.includes('id="kc-login"') ? 'kc-login' : 'sign-in'
  const end = await browser.press(page, button, { username, password }, redirectUri)
  if (end.status !== 0) throw new Error(`The sign-in of ${username} ended on a page (status ${end.status}).`)
  return new URL(end.url).searchParams
}

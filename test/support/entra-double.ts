import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { clientRefusal } from './entra-client-refusal.ts'
import { graphAnswer } from './entra-graph-double.ts'
import { entraClient, login, people } from './entra-people.ts'
import { discoveryOf, refusalOf } from './entra-recorded.ts'
import { remember } from './secrets.ts'

type Json = Record<string, unknown>
export type Answer = { status: number; body: Json; headers?: Record<string, string> }

/**
 * Microsoft's sign-in and Graph as the documentation describes them, at an address of this machine. `fetch` and browsers are sent here
 * while every address keeps its name, for clients treat the real host in ways of its own. `spoil` changes what is answered.
 */
export async function startEntra({ redirectUri }: { redirectUri: string }) {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), use: 'sig', kid: 'nOo3ZDrODXEK1jKWhXslHR_KXEg' }
  const codes = new Map<string, { query: URLSearchParams; username: string }>()
  const refreshTokens = new Map<string, { query: URLSearchParams; username: string }>()
  const graphTokens = new Set<string>()
  const state = {
    redirectUri,
    people: structuredClone(people),
    /** PEM of the application's certificate. */
    certificate: undefined as string | undefined,
    /** Method, host and path of every request there was. */
    requests: [] as string[],
    /** Other claims in ID tokens. */
    idToken: (claims: Json): Json => claims,
    /** Another answer, by the path's end. */
    answers: {} as Record<string, Answer>,
    /** What Graph may do: `user`, `groups`, `names`. */
    permissions: new Set(['user', 'groups', 'names']),
    graphTokens,
    pageSize: 100,
  }

  async function token(form: URLSearchParams, url: URL): Promise<Answer> {
    const refused = await clientRefusal(form, url, state.certificate)
    if (refused) return refusalOf(refused)
    const access_token = remember(`entra-access-${randomUUID()}`, 'access_token')
    // "OAuth 2.0 authorization code flow", 8 Apr 2024; "Client credentials flow", 13 Feb 2023.
    const answer = { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token }
    if (form.get('grant_type') === 'client_credentials') {
      if (form.get('scope') !== 'https://graph.microsoft.com/.default') return refusalOf('AADSTS70011')
      graphTokens.add(access_token)
      return { status: 200, body: answer }
    }
    const renewed = refreshTokens.get(form.get('refresh_token') ?? '')
    if (form.get('grant_type') === 'refresh_token')
      return renewed ? tokensOf(renewed, answer) : refusalOf('AADSTS700082')
    const [code, verifier = ''] = [form.get('code') ?? '', form.get('code_verifier') ?? '']
    const issued = codes.get(code)
    codes.delete(code)
    if (!issued) return refusalOf('AADSTS54005')
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    if (challenge !== issued.query.get('code_challenge')) return refusalOf('AADSTS501481')
    if (form.get('redirect_uri') !== state.redirectUri) return refusalOf('AADSTS50011')
    return tokensOf(issued, answer, { nonce: issued.query.get('nonce') })
  }

  /** A refresh token comes with the scope offline_access, and stays good when it was used; its ID tokens have no nonce. */
  async function tokensOf(
    issued: { query: URLSearchParams; username: string },
    answer: Json,
    own: Json = {},
  ): Promise<Answer> {
    const { oid, tid, name, sub, ...claims } = state.people[issued.username]!.claims
    const scopes = issued.query.get('scope')?.split(' ') ?? []
    const payload = state.idToken({
      ...{ ...claims, sub, tid, ver: '2.0', rh: '0.AAAA', uti: randomUUID(), ...own },
      // "ID token claims reference", 30 May 2023: these come with the scope profile.
      ...(scopes.includes('profile') && { oid, name }),
      ...{ iss: `${login}/${tid}/v2.0`, aud: entraClient.client_id },
    })
    const signer = new SignJWT(payload).setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: jwk.kid })
    const id_token = await signer.setIssuedAt().setNotBefore('0s').setExpirationTime('1h').sign(privateKey)
    const refresh_token = remember(`0.AVYA.refresh-${randomUUID()}`, 'refresh_token')
    if (scopes.includes('offline_access')) refreshTokens.set(refresh_token, issued)
    const body = { ...answer, scope: scopes.join(' '), id_token: remember(id_token, 'id_token') }
    return { status: 200, body: refreshTokens.has(refresh_token) ? { ...body, refresh_token } : body }
  }

  /** The sign-in page: a form whose fields are the request, then the redirect with the code. */
  function authorize(url: URL, form: URLSearchParams | undefined, response: ServerResponse): void {
    const query = form ?? url.searchParams
    if (query.get('redirect_uri') !== state.redirectUri) return void response.writeHead(400).end('AADSTS50011')
    const username = form?.get('username') ?? ''
    if (!state.people[username]) {
      const inputs = [...query].map(
        ([name, value]) => `<input name="${name}" value="${value.replaceAll('"', '&quot;')}">`,
      )
      response.writeHead(200, { 'content-type': 'text/html' })
      return void response.end(`<form method="post">${inputs.join('')}<button id="sign-in">Sign in</button></form>`)
    }
    const code = remember(`0.AVYA.${randomUUID()}`, 'code')
    codes.set(code, { query, username })
    const answer = new URLSearchParams({ code, state: query.get('state') ?? '', session_state: randomUUID() })
    response.writeHead(302, { location: `${state.redirectUri}?${answer}` }).end()
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `https://${request.headers['x-host']}`)
    state.requests.push(`${request.method} ${url.host}${url.pathname}`)
    const body = request.method === 'POST' ? await text(request) : ''
    const [, authority = '', ...rest] = url.pathname.split('/')
    const path = rest.join('/')
    const spoiled = Object.entries(state.answers).find(([end]) => url.pathname.endsWith(end))?.[1]
    if (!spoiled && path === 'oauth2/v2.0/authorize')
      return authorize(url, request.method === 'POST' ? new URLSearchParams(body) : undefined, response)
    const { status, body: json, headers } = spoiled ?? (await answerTo(url, authority, path, body, request))
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    response.end(JSON.stringify(json))
  }

  async function answerTo(
    url: URL,
    authority: string,
    path: string,
    body: string,
    request: IncomingMessage,
  ): Promise<Answer> {
    if (url.host === 'graph.microsoft.com') return graphAnswer(state, url, body, request.headers)
    if (path === 'v2.0/.well-known/openid-configuration') return { status: 200, body: discoveryOf(authority) }
    if (path === 'discovery/v2.0/keys') return { status: 200, body: { keys: [jwk] } }
    if (path === 'oauth2/v2.0/token') return token(new URLSearchParams(body), url)
    return { status: 404, body: {} }
  }

  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(state, {
    /** `fetch` with Microsoft's hosts at the double; everything else goes where it always goes. */
    redirected:
      (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
      async (input, init) => {
        const url = new URL(String(input))
        if (!/(^|\.)microsoft(online)?\.com$/.test(url.hostname)) return fetch(input, init)
        const headers = new Headers(init?.headers)
        headers.set('x-host', url.host)
        return fetch(`${here}${url.pathname}${url.search}`, { ...init, headers })
      },
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  })
}
export type Entra = Awaited<ReturnType<typeof startEntra>>

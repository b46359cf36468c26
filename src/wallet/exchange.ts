import { type Answer, readAnswer } from './answer.ts'
import { authenticate, type ClientAuthentication } from './client-authentication.ts'
import type { MessageEncryption } from './encryption.ts'
import { type JwtOverrides, makeDpopProof, type WalletKey } from './keys.ts'

export type Fetch = typeof globalThis.fetch

/** What a wallet works with. With `dpop` its requests carry proofs of that key, and `nonces` keeps each server's last nonce. */
export type Wallet = {
  fetch: Fetch
  clock: () => Date
  dpop?: { key: WalletKey; nonces: Map<string, string> }
  client?: ClientAuthentication
}

export type Form = Record<string, unknown>

/** Makes a request wrong: members of its body and headers are replaced, added or (`undefined`) dropped. */
export type Overrides = {
  body?: Record<string, unknown>
  headers?: Record<string, string | undefined>
  /** Sent instead of the encoded body. */
  raw?: string
  url?: string
  method?: string
  /** Changes the DPoP proof, or leaves it out. The server's nonce is then not tried again. */
  dpop?: JwtOverrides | false
  /** Changes the proof of possession or the client assertion, or leaves client authentication out. */
  client?: JwtOverrides | false
}

export type AccessToken = { access_token: string; token_type: string }

type Request = {
  url: string
  form?: Form
  json?: Record<string, unknown>
  token?: AccessToken
  encryption?: MessageEncryption | undefined
}

/** Form encoding: a list of strings repeats its name, other objects become JSON, `undefined` is left out. */
export function encodeForm(form: Form): URLSearchParams {
  const pairs = Object.entries(form).flatMap(([name, value]): [string, string][] => {
    if (value === undefined) return []
    if (Array.isArray(value) && value.every((item) => typeof item === 'string'))
      return value.map((item) => [name, item])
    return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]]
  })
  return new URLSearchParams(pairs)
}

const asksForNonce = ({ status, headers, body }: Answer): boolean =>
  body.error === 'use_attestation_challenge' ||
  (status === 400 && body.error === 'use_dpop_nonce') ||
  (status === 401 && (headers.get('www-authenticate') ?? '').includes('error="use_dpop_nonce"'))

/** One POST of a wallet, asked again with the DPoP nonce (RFC 9449 §8 and §9) and the challenge that the server wants, once for each. */
export async function send(wallet: Wallet, request: Request, overrides: Overrides = {}): Promise<Answer> {
  const url = overrides.url ?? request.url
  const isFixed = [overrides.dpop, overrides.headers?.dpop, overrides.client].some((one) => one !== undefined)
  const asked = new Set<unknown>()
  let before = freshest(wallet, url)
  let answer = await post(wallet, url, request, overrides)
  while (!isFixed && asksForNonce(answer) && !asked.has(answer.body.error)) {
    asked.add(answer.body.error)
    const now = freshest(wallet, url)
    if (now === before) break
    before = now
    answer = await post(wallet, url, request, overrides)
  }
  return answer
}

/** What the server last gave for the next proof. */
function freshest({ dpop, client }: Wallet, url: string): string {
  const challenge = client?.method === 'attestation' ? client.challenge : undefined
  return [dpop?.nonces.get(new URL(url).origin), challenge].join(' ')
}

async function post(wallet: Wallet, url: string, request: Request, overrides: Overrides): Promise<Answer> {
  const { form, json, token, encryption } = request
  const method = overrides.method ?? 'POST'
  const headers = new Headers({ accept: 'application/json' })
  if (form) headers.set('content-type', 'application/x-www-form-urlencoded')
  if (json) headers.set('content-type', encryption ? 'application/jwt' : 'application/json')

  const bound = token?.token_type.toLowerCase() === 'dpop'
  if (token) headers.set('authorization', `${bound ? 'DPoP' : 'Bearer'} ${token.access_token}`)
  if (wallet.dpop && overrides.dpop !== false && (form || bound)) {
    const { key, nonces } = wallet.dpop
    const contents = { method, url, accessToken: token?.access_token, nonce: nonces.get(new URL(url).origin) }
    headers.set('dpop', makeDpopProof(key, { ...contents, now: wallet.clock() }, overrides.dpop))
  }
  const sent =
    wallet.client && form && overrides.client !== false
      ? authenticate(wallet.client, wallet.clock(), overrides.client)
      : undefined
  for (const [name, value] of Object.entries(sent?.headers ?? {})) headers.set(name, value)
  for (const [name, value] of Object.entries(overrides.headers ?? {})) {
    value === undefined ? headers.delete(name) : headers.set(name, value)
  }

  const asked = encryption && { credential_response_encryption: encryption.asked }
  const plain = form
    ? encodeForm({ ...form, ...sent?.form, ...overrides.body }).toString()
    : json && JSON.stringify({ ...json, ...asked, ...overrides.body })
  const encoded = plain !== undefined && encryption ? await encryption.encrypt(plain) : plain
  const body = method === 'GET' ? null : (overrides.raw ?? encoded ?? null)
  const response = await wallet.fetch(url, { method, headers, body, redirect: 'manual' })
  const answer = await readAnswer(response, encryption)
  const nonce = answer.headers.get('dpop-nonce')
  if (nonce !== null) wallet.dpop?.nonces.set(new URL(url).origin, nonce)
  const challenge = answer.headers.get('oauth-client-attestation-challenge')
  if (challenge !== null && wallet.client?.method === 'attestation') wallet.client.challenge = challenge
  return answer
}

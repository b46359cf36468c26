import { z } from 'zod'
import { WalletError } from './errors.ts'
import { type JwtOverrides, makeDpopProof, type WalletKey } from './keys.ts'

export type Fetch = typeof globalThis.fetch

/** What a wallet works with. With `dpop` its requests carry proofs of that key, and `nonces` keeps each server's last nonce. */
export type Wallet = { fetch: Fetch; clock: () => Date; dpop?: { key: WalletKey; nonces: Map<string, string> } }

/** An answer as it came, also when it is a refusal. `body` is the JSON object in it, or empty if there is none. */
export type Answer = { status: number; headers: Headers; body: Record<string, unknown>; text: string }

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
}

export type AccessToken = { access_token: string; token_type: string }

type Request = { url: string; form?: Form; json?: Record<string, unknown>; token?: AccessToken }

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

/** Reads an answer to its end. Only `application/json` counts as JSON. */
export async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text()
  const isJson = /^application\/json(\s*;|$)/i.test(response.headers.get('content-type') ?? '')
  const body = isJson ? parseObject(text) : {}
  return { status: response.status, headers: response.headers, body, text }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {}
  } catch {
    return {}
  }
}

const asksForNonce = ({ status, headers, body }: Answer): boolean =>
  (status === 400 && body.error === 'use_dpop_nonce') ||
  (status === 401 && (headers.get('www-authenticate') ?? '').includes('error="use_dpop_nonce"'))

/** One POST of a wallet, asked once more if the server wants its DPoP nonce (RFC 9449 §8 and §9). */
export async function send(wallet: Wallet, request: Request, overrides: Overrides = {}): Promise<Answer> {
  const { dpop } = wallet
  const url = overrides.url ?? request.url
  const server = new URL(url).origin
  const nonce = dpop?.nonces.get(server)
  const answer = await post(wallet, url, request, overrides)
  const isNew = dpop !== undefined && dpop.nonces.get(server) !== nonce
  const unchanged = overrides.dpop === undefined && overrides.headers?.dpop === undefined
  return unchanged && isNew && asksForNonce(answer) ? post(wallet, url, request, overrides) : answer
}

async function post(wallet: Wallet, url: string, request: Request, overrides: Overrides): Promise<Answer> {
  const { form, json, token } = request
  const method = overrides.method ?? 'POST'
  const headers = new Headers({ accept: 'application/json' })
  if (form) headers.set('content-type', 'application/x-www-form-urlencoded')
  if (json) headers.set('content-type', 'application/json')

  const bound = token?.token_type.toLowerCase() === 'dpop'
  if (token) headers.set('authorization', `${bound ? 'DPoP' : 'Bearer'} ${token.access_token}`)
  if (wallet.dpop && overrides.dpop !== false && (form || bound)) {
    const { key, nonces } = wallet.dpop
    const contents = { method, url, accessToken: token?.access_token, nonce: nonces.get(new URL(url).origin) }
    headers.set('dpop', makeDpopProof(key, { ...contents, now: wallet.clock() }, overrides.dpop))
  }
  for (const [name, value] of Object.entries(overrides.headers ?? {})) {
    value === undefined ? headers.delete(name) : headers.set(name, value)
  }

  const encoded = form
    ? encodeForm({ ...form, ...overrides.body }).toString()
    : json && JSON.stringify({ ...json, ...overrides.body })
  const body = method === 'GET' ? null : (overrides.raw ?? encoded ?? null)
  const answer = await readAnswer(await wallet.fetch(url, { method, headers, body, redirect: 'manual' }))
  const nonce = answer.headers.get('dpop-nonce')
  if (nonce !== null) wallet.dpop?.nonces.set(new URL(url).origin, nonce)
  return answer
}

/** What the schema makes of a success; a refusal or another shape is thrown as a `WalletError`. */
export function accept<T>(schema: z.ZodType<T>, { status, body }: Answer): T {
  if (status < 200 || status > 299) {
    const code = typeof body.error === 'string' ? body.error : 'invalid_response'
    const description = typeof body.error_description === 'string' ? body.error_description : 'It says no more.'
    throw new WalletError(code, `The server answered ${status}. ${description}`)
  }
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw new WalletError('invalid_response', z.prettifyError(parsed.error))
  return parsed.data
}

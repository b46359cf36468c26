import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { makeKey, makeProof } from '../src/wallet/keys.ts'
import { testWallet } from '../test/support/wallet.ts'
import type { Work } from './wallets.ts'

type Note = (step: string, startedAt: number) => void
/** `newWallet` makes one wallet of many, which takes one credential after the other. */
type Journey = { newWallet: () => (code: string) => Promise<void>; end: () => void }

const grant = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
const form = 'application/x-www-form-urlencoded'

/** Three POSTs over kept connections; the keys are made before. */
export function byPreAuthorizedCode({ port, identifier, codes, concurrency }: Work, note: Note): Journey {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const { pathname } = new URL(identifier)
  const keys = codes.map(() => makeKey())

  async function post<T>(step: string, body: string, headers: Record<string, string>): Promise<T> {
    const startedAt = performance.now()
    const where = { host: '127.0.0.1', port, agent, method: 'POST', path: `${pathname}/${step}` }
    const [response] = await once(request({ ...where, headers }).end(body), 'response')
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    note(step, startedAt)
    const text = Buffer.concat(chunks).toString()
    if (response.statusCode !== 200) throw new Error(`${step} was answered with ${response.statusCode}: ${text}`)
    return JSON.parse(text) as T
  }

  async function issue(code: string): Promise<void> {
    const asked = new URLSearchParams({ grant_type: grant, 'pre-authorized_code': code }).toString()
    const { access_token } = await post<{ access_token: string }>('token', asked, { 'content-type': form })
    const { c_nonce } = await post<{ c_nonce: string }>('nonce', '', {})
    const proof = makeProof(keys.pop()!, { audience: identifier, nonce: c_nonce, now: new Date() })
    const wanted = JSON.stringify({ credential_configuration_id: 'StudentCard', proofs: { jwt: [proof] } })
    await post('credential', wanted, { 'content-type': 'application/json', authorization: `Bearer ${access_token}` })
  }
  return { newWallet: () => issue, end: () => agent.destroy() }
}

const steps = ['par', 'authorize', 'callback', 'consent', 'token', 'nonce', 'credential']

/** Reaches the node at its port, and notes how long each step took. */
function timed({ port, identifier }: Work, note: Note): typeof fetch {
  const { origin } = new URL(identifier)
  return async (input, init) => {
    const { origin: at, pathname, search } = new URL(String(input))
    if (at !== origin) return fetch(input, init)
    const startedAt = performance.now()
    const response = await fetch(`http://127.0.0.1:${port}${pathname}${search}`, init)
    const step = pathname.split('/').find((part) => steps.includes(part))
    if (step) note(step === 'consent' ? `${init?.method === 'POST' ? 'answer' : 'show'} consent` : step, startedAt)
    return response
  }
}

const refused = (status: number, text: string) =>
  new Error(`The credential request was answered with ${status}: ${text}`)

/** The whole way of alice: pushed request, sign-in at the provider, consent, and the same three POSTs. Only the node's part is timed. */
export function bySignIn(work: Work, note: Note): Journey {
  const newWallet = () => {
    const wallet = testWallet(work.identifier, { fetch: timed(work, note), remember: () => undefined })
    return async () => {
      const { status, text } = await wallet.credential(await wallet.redeem(await wallet.signIn()))
      if (status !== 200) throw refused(status, text)
    }
  }
  return { newWallet, end: () => {} }
}

/** Three POSTs again, with what goes beyond the plain way. */
export type Variant = { dpop?: boolean; encrypted?: true; batch?: number; configurationId?: string }

/** By pre-authorized code with DPoP, encryption, a batch, another format. */
export function byVariant(work: Work, note: Note): Journey {
  const { dpop = false, encrypted, batch = 1, configurationId = 'StudentCard' } = work.variant ?? {}
  const keys = work.codes.map(() => Array.from({ length: batch }, () => makeKey()))
  const newWallet = () => {
    const wallet = testWallet(work.identifier, { fetch: timed(work, note), remember: () => undefined, dpop })
    return async (code: string) => {
      const token = await wallet.redeem(code)
      const asked = { configurationId, keys: keys.pop()!, ...(encrypted && { encrypted }) }
      const { status, text, body } = await wallet.credential(token, asked)
      if (status !== 200 || body.credentials?.length !== batch) throw refused(status, text)
    }
  }
  return { newWallet, end: () => {} }
}

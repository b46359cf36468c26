// Many wallets in a process of their own: what they sign and wait for costs the node nothing.
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { makeKey, makeProof } from '../src/wallet/keys.ts'

/** Where to go, and a pre-authorized code for each issuance. */
export type Work = { port: number; path: string; identifier: string; codes: string[]; concurrency: number }
/** Milliseconds of each step, by its name. */
export type Done = { steps: Record<string, number[]>; seconds: number }

const grant = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
const form = 'application/x-www-form-urlencoded'

async function work({ port, path, identifier, codes, concurrency }: Work): Promise<Done> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const keys = codes.map(() => makeKey())
  const steps: Record<string, number[]> = { token: [], nonce: [], credential: [], issuance: [] }

  async function post<T>(step: string, body: string, headers: Record<string, string>): Promise<T> {
    const startedAt = performance.now()
    const options = { port, agent, method: 'POST', path: `${path}/${step}`, headers: { ...headers } }
    const sent = request({ host: '127.0.0.1', ...options }).end(body)
    const [response] = await once(sent, 'response')
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    if (response.statusCode !== 200) throw new Error(`${step} was answered with ${response.statusCode}: ${text}`)
    steps[step]!.push(performance.now() - startedAt)
    return JSON.parse(text) as T
  }

  async function issue(at: number): Promise<void> {
    const startedAt = performance.now()
    const asked = new URLSearchParams({ grant_type: grant, 'pre-authorized_code': codes[at]! }).toString()
    const { access_token } = await post<{ access_token: string }>('token', asked, { 'content-type': form })
    const { c_nonce } = await post<{ c_nonce: string }>('nonce', '', {})
    const proof = makeProof(keys[at]!, { audience: identifier, nonce: c_nonce, now: new Date() })
    const wanted = JSON.stringify({ credential_configuration_id: 'StudentCard', proofs: { jwt: [proof] } })
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${access_token}` }
    await post('credential', wanted, headers)
    steps.issuance!.push(performance.now() - startedAt)
  }

  const startedAt = performance.now()
  let next = 0
  const wallet = async () => {
    while (next < codes.length) await issue(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, wallet))
  agent.destroy()
  return { steps, seconds: (performance.now() - startedAt) / 1000 }
}

process.on('message', async (message: Work) => {
  process.send?.(await work(message))
})

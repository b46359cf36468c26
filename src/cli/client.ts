import { z } from 'zod'
import { Failure } from './failure.ts'

/** An offer as the admin API answers it. Loose: a newer node may say more. */
const Offer = z.looseObject({
  id: z.string(),
  state: z.string(),
  expires_at: z.string(),
  credential_offer_url: z.string().optional(),
  offer_page_url: z.string().optional(),
  tx_code: z.string().optional(),
  credential_configuration_ids: z.array(z.string()).optional(),
})
export type Offer = z.infer<typeof Offer>

export type OfferRequest = {
  credential_configuration_ids?: string[]
  grants?: string[]
  tx_code?: true
  claims?: unknown
  subject?: unknown
  authorization_server?: string
  delivery?: { by: string }
}

const Problem = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
})

/** What an apply answers; only the new API keys are for the command line. */
const Applied = z.looseObject({ api_keys: z.array(z.object({ id: z.string(), key: z.string() })).default([]) })
export type ApiKeys = z.infer<typeof Applied>['api_keys']

type Access = { url: string; apiKey: string | undefined; fetch: typeof globalThis.fetch }
export type Client = ReturnType<typeof makeClient>

/**
 * The admin API of a node, typed.
 * @throws Failure if the node cannot be reached, refuses, or answers something else
 */
export function makeClient({ url, apiKey, fetch }: Access) {
  async function call(method: string, path: string[], body?: unknown, query = {}): Promise<unknown> {
    const search = new URLSearchParams(query).toString()
    const address = `${url}/api/v1/${path.map(encodeURIComponent).join('/')}${search && `?${search}`}`
    const headers = { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) }
    const answer = await fetch(address, {
      method,
      headers,
      redirect: 'error',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error: Error) => {
      const { code } = (error.cause ?? {}) as NodeJS.ErrnoException
      const reason = code ? ` (${code})` : ''
      throw new Failure([`No answer from ${url}${reason}. Does the node run there? CLAIMGATE_URL names another.`])
    })
    const json: unknown = await answer.json().catch(() => undefined)
    if (answer.ok) return json
    const { title, detail, errors = [] } = Problem.safeParse(json).data ?? {}
    const reason = detail ?? title ?? 'No reason was given.'
    const advice = answer.status === 401 ? ['Set CLAIMGATE_API_KEY to a valid API key.'] : []
    const mistakes = errors.map((mistake) => `${mistake.pointer} ${mistake.detail}`)
    throw new Failure([`${answer.status} ${reason}`, ...mistakes, ...advice])
  }

  const offer = (json: unknown): Offer => {
    const parsed = Offer.safeParse(json)
    if (parsed.success) return parsed.data
    throw new Failure([`What ${url} answered is no offer. Is it a Claimgate node?`])
  }

  return {
    call,
    createOffer: async (tenant: string, issuer: string, request: OfferRequest): Promise<Offer> =>
      offer(await call('POST', ['tenants', tenant, 'issuers', issuer, 'offers'], request)),
    getOffer: async (tenant: string, issuer: string, id: string): Promise<Offer> =>
      offer(await call('GET', ['tenants', tenant, 'issuers', issuer, 'offers', id])),
    /** Creates or updates a tenant with everything below it, and answers the keys that it made. */
    applyTenant: async (tenant: string, file: unknown): Promise<ApiKeys> =>
      Applied.safeParse(await call('PUT', ['tenants', tenant], file)).data?.api_keys ?? [],
  }
}

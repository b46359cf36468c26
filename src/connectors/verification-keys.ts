import type { CustomFetch, JWKS } from 'openid-client'
import { isObject } from '../lib/json.ts'
import { keptFor } from '../lib/kept.ts'
import { jsonAt } from './endpoints.ts'
import { fault } from './faults.ts'

const keepSeconds = 300
/** So often a minute, at most, an unknown `kid` makes us ask again. */
const mostRefreshes = 4

export type VerificationKeys = {
  get(): Promise<JWKS>
  /** The keys as they are published now; undefined if that was asked too often lately. */
  refresh(): Promise<JWKS | undefined>
}

/**
 * The keys that a provider signs with (OIDC Core §10.1.1), kept for five minutes; callers at the same time share one request. Whoever meets
 * a `kid` that is not among them may have them fetched anew, but a provider that sends forged ones is not asked more than it can bear.
 */
export function openKeys(fetch: CustomFetch, jwksUri: string, clock: () => Date): VerificationKeys {
  let refreshedAt: number[] = []

  async function load(): Promise<JWKS> {
    const body = await jsonAt(fetch, jwksUri)
    if (!isObject(body) || !Array.isArray(body.keys) || !body.keys.every(isObject))
      throw fault('idp-keys-unavailable', { endpoint: 'jwks', member: 'keys' })
    return { keys: body.keys }
  }

  function takeTurn(): boolean {
    const now = clock().getTime()
    refreshedAt = refreshedAt.filter((at) => at > now - 60_000)
    if (refreshedAt.length >= mostRefreshes) return false
    refreshedAt.push(now)
    return true
  }

  const keys = keptFor(clock, load, { seconds: keepSeconds })
  return { get: keys.get, refresh: async () => keys.again(takeTurn) }
}

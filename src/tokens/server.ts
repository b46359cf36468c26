import { type CompactVerifyGetKey, type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import { OutboundError } from '../lib/exchange.ts'
import { isObject, type JsonObject, readObject } from '../lib/json.ts'
import { type KeptByName, keptByName, keptFor } from '../lib/kept.ts'
import { fault } from './faults.ts'

export type Needs = { fetch: typeof globalThis.fetch; clock: () => Date }

/** What an authorization server publishes of itself (RFC 8414 §2). */
type ServerMetadata = { jwks_uri?: string; introspection_endpoint?: string; userinfo_endpoint?: string }

const [keepSeconds, keepFailureSeconds, cooldownSeconds] = [600, 5, 10]

/** An answer as JSON; `body` is undefined where it is no object. Throws `external-server-unavailable`. */
export async function call(
  { fetch }: Needs,
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; body: JsonObject | undefined }> {
  let status: number
  let text: string
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { accept: 'application/json', ...init.headers },
    })
    ;[status, text] = [response.status, await response.text()]
  } catch (error) {
    const reason = error instanceof OutboundError ? error.code : 'unreachable'
    throw fault('external-server-unavailable', { host: URL.parse(url)?.host, reason })
  }
  if (status >= 500 || status === 429) throw fault('external-server-unavailable', { host: new URL(url).host, status })
  return { status, body: readObject(text) }
}

/** The two places of the document: before the path (RFC 8414 §3.1), and behind it (OIDC Discovery §4). */
const placesOf = (issuer: string): string[] => {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ]
}

async function discover(needs: Needs, issuer: string): Promise<ServerMetadata> {
  for (const place of placesOf(issuer)) {
    const { status, body } = await call(needs, place)
    if (status !== 200 || !body) continue
    // §3.3: exactly the one that was asked for.
    if (body.issuer !== issuer) throw fault('external-server-metadata', { issuer, member: 'issuer' })
    const url = (name: keyof ServerMetadata) =>
      typeof body[name] === 'string' && URL.canParse(body[name]) ? { [name]: body[name] } : {}
    return { ...url('jwks_uri'), ...url('introspection_endpoint'), ...url('userinfo_endpoint') }
  }
  throw fault('external-server-metadata', { issuer, member: 'document' })
}

/** An authorization server as it describes itself, and the key of a JWS header among its keys. */
type Server = { metadata(): Promise<ServerMetadata>; keyOf: CompactVerifyGetKey<CryptoKey> }

function open(needs: Needs, issuer: string): Server {
  const { clock } = needs
  const terms = { seconds: keepSeconds, failureSeconds: keepFailureSeconds }
  const metadata = keptFor(clock, () => discover(needs, issuer), terms)
  let askedAt = 0

  async function load(): Promise<CompactVerifyGetKey<CryptoKey>> {
    askedAt = clock().getTime()
    const { jwks_uri } = await metadata.get()
    if (!jwks_uri) throw fault('external-server-metadata', { issuer, member: 'jwks_uri' })
    const { status, body } = await call(needs, jwks_uri)
    if (status !== 200 || !Array.isArray(body?.keys) || !body.keys.every(isObject))
      throw fault('external-server-metadata', { issuer, member: 'keys', status })
    return createLocalJWKSet(body as unknown as JSONWebKeySet)
  }

  const keys = keptFor(clock, load, terms)
  /** Whoever sends forged tokens shall not decide how often we ask. */
  const isDue = () => clock().getTime() >= askedAt + cooldownSeconds * 1000
  return {
    metadata: metadata.get,
    // A kid that is not there may be of a key that is new (OIDC Core §10.1.1).
    async keyOf(...header) {
      try {
        return await (await keys.get())(...header)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
        return (await (keys.again(isDue) ?? keys.get()))(...header)
      }
    },
  }
}

const most = 500
const opened = new WeakMap<typeof fetch, KeptByName<Server>>()

/** The server with this issuer identifier; the same one again, with the document and the keys that it keeps. */
export function openServer(needs: Needs, issuer: string): Server {
  const known = opened.get(needs.fetch) ?? keptByName<Server>(most)
  opened.set(needs.fetch, known)
  return known(issuer, () => open(needs, issuer))
}

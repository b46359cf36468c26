import { z } from 'zod'
import { isLoopback } from '../lib/addresses.ts'
import { durationSeconds } from '../lib/time.ts'
import { Duration } from './names.ts'

/** The most that one question to a source may take, with its tries. */
export const mostSourceSeconds = 10

const secret = z.string().min(1).max(5000)
const pem = z.string().min(1).max(50_000)
const HeaderName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'The name of a header is letters, digits and hyphens.')
  .refine(
    (name) => !/^(host|connection|content-length|transfer-encoding|accept-encoding)$/i.test(name),
    'This header belongs to the connection.',
  )
const HeaderValue = z.string().regex(/^[\x20-\x7e]{1,2000}$/, 'The value of a header is printable ASCII.')

/** An address that secrets are sent to: https, or http on this very machine. */
const SafeUrl = z
  .url({ protocol: /^https?$/, error: 'This must be an https address.' })
  .refine(
    (text) => !URL.canParse(text) || text.startsWith('https:') || isLoopback(new URL(text).hostname),
    'An address with http leads to this very machine only; use https.',
  )

const ways = ['api_key', 'basic', 'oauth', 'jwt'] as const

/** How the source knows us: one of `ways`, and mutual TLS alone or beside it. All of it is kept sealed. */
const Authentication = z
  .strictObject({
    api_key: z.strictObject({ header: HeaderName, value: secret }).optional(),
    basic: z.strictObject({ username: secret, password: secret }).optional(),
    /** Client credentials grant, RFC 6749 §4.4. */
    oauth: z
      .strictObject({
        token_endpoint: SafeUrl,
        client_id: z.string().min(1).max(255),
        client_secret: secret,
        scope: z.string().min(1).max(1000).optional(),
      })
      .optional(),
    /** A short-lived JWT about the request, signed with the tenant's key; the source checks it with the issuer's `jwks`. */
    jwt: z.strictObject({ audience: z.string().min(1).max(500).optional() }).optional(),
    mutual_tls: z.strictObject({ certificate: pem, key: pem }).optional(),
  })
  .refine(
    (given) => ways.filter((way) => given[way] !== undefined).length <= 1,
    `A source takes one of ${ways.join(', ')}; mutual_tls may stand beside it.`,
  )
export type SourceAuthentication = z.infer<typeof Authentication>

const atMost = (seconds: number, message: string) =>
  Duration.refine((text) => (durationSeconds(text) ?? 0) <= seconds, message)

/** A tenant's own data source over HTTP, asked for one person at a time. `url`, and the texts of `body`, are templates. */
export const ClaimSource = z
  .strictObject({
    kind: z.literal('http').default('http'),
    method: z.enum(['GET', 'POST']).default('GET'),
    url: z.string().min(1).max(2000),
    body: z.json().optional(),
    headers: z.record(HeaderName, HeaderValue).optional(),
    authentication: Authentication.optional(),
    /** For the whole question, with its further tries. */
    timeout: atMost(mostSourceSeconds, `A source is waited for ${mostSourceSeconds} seconds at most.`).default('PT5S'),
    /** Further tries after an outage; a POST is never sent twice. */
    retries: z.int().min(0).max(5).default(1),
    /** How long a node keeps an answer, in its memory; default: not at all. */
    cache: z.strictObject({ for: atMost(86_400, 'An answer is kept for a day at most.') }).optional(),
    max_bytes: z.int().min(1).max(1_048_576).default(262_144),
    /** `defer`: an outage lets a wallet that is bound to a key come back for the credential (OpenID4VCI §9). */
    when_unavailable: z.enum(['fail', 'defer']).default('fail'),
  })
  .refine(({ method, body }) => method === 'POST' || body === undefined, {
    path: ['body'],
    error: 'Only a POST has a body.',
  })
export type ClaimSource = z.infer<typeof ClaimSource>

/** The members that are kept sealed. */
export const claimSourceSecrets = ['authentication']

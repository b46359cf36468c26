import { isIP } from 'node:net'
import { z } from 'zod'
import { isAddressRange, isLoopback } from './lib/addresses.ts'

const asUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined)
const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
  .transform(Number)
  .refine((number) => number <= 65535, 'must be a port number from 0 to 65535')
const httpUrl = z
  .string()
  .refine((text) => /^https?:$/.test(asUrl(text)?.protocol ?? ''), 'must be an http or https URL')
  .transform((text) => text.replace(/\/+$/, ''))
const bare = ({ pathname, search, hash, username, password }: URL) =>
  pathname + search + hash + username + password === '/'
/** scheme://host[:port] and nothing behind it: issuer identifiers and well-known addresses are built from it (OpenID4VCI §12.2.2). */
const origin = httpUrl
  .transform((text) => new URL(text))
  .refine(bare, 'must be scheme, host and port only, without path, query or user')
  .transform((url) => url.origin)
const publicOrigin = origin.refine(
  (text) => text.startsWith('https:') || isLoopback(new URL(text).hostname),
  'must be https; http is accepted only for this very machine (localhost)',
)
const secret = z.string().refine((text) => Buffer.byteLength(text) >= 32, 'must have at least 32 bytes')
const apiKey = z.string().regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without blanks')
const ranges = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  )
  .refine((list) => list.every(isAddressRange), 'must be addresses or CIDR ranges, separated by commas')
const folder = z.string().min(1)

/** Every variable of the environment, each with its sentence; docs/reference/settings.md is made from it. */
export const Settings = z.object({
  PORT: port.default(8080).describe('The port this node listens on.'),
  CLAIMGATE_BIND: z
    .string()
    .refine((text) => isIP(text) !== 0, 'must be an IP address')
    .optional()
    .describe(
      'The address this node listens on. Default: all; in the demo `127.0.0.1` unless `CLAIMGATE_PUBLIC_URL` is set.',
    ),
  CLAIMGATE_PUBLIC_URL: publicOrigin
    .optional()
    .describe(
      'The address wallets and browsers use, such as `https://id.acme.example`. New issuers get their identifier from it. Demo default: `http://localhost:{PORT}`.',
    ),
  CLAIMGATE_DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.+|mysql:\/\/.+)$/s, 'must be sqlite:PATH or mysql://USER:PASSWORD@HOST/DATABASE')
    .optional()
    .describe(
      '`sqlite:PATH` or `mysql://USER:PASSWORD@HOST/DATABASE`. Default: `sqlite:{CLAIMGATE_DATA}/claimgate.sqlite`.',
    ),
  CLAIMGATE_DATA: folder
    .default('./data')
    .describe('The folder for the SQLite file and for what the demo makes itself.'),
  CLAIMGATE_SECRET: secret
    .optional()
    .describe(
      'Wraps the data keys in the database, at least 32 bytes, the same on every node; for example from `openssl rand -base64 48`. The demo makes one and keeps it.',
    ),
  CLAIMGATE_SECRET_PREVIOUS: secret
    .optional()
    .describe('The secret before the last change; accepted while the data keys are wrapped anew.'),
  CLAIMGATE_API_KEY: apiKey
    .optional()
    .describe(
      "A platform administrator's API key to accept, at least 20 characters; the command line sends it. The demo makes one and keeps it.",
    ),
  CLAIMGATE_SECRETS: folder
    .optional()
    .describe(
      'The folder in which the node looks up the `secret:NAME` references of tenant files, with a folder per tenant.',
    ),
  CLAIMGATE_TRUSTED_PROXIES: ranges
    .default([])
    .describe(
      'The proxies whose forwarded headers may be believed: addresses or CIDR ranges, separated by commas. This version reads none of these headers: every address it writes comes from `CLAIMGATE_PUBLIC_URL`.',
    ),
  CLAIMGATE_ALLOW_ADDRESSES: ranges
    .default([])
    .describe(
      'Private addresses that outbound calls may reach, such as an identity provider in your own network: CIDR ranges, separated by commas. The demo adds loopback.',
    ),
  HTTPS_PROXY: httpUrl
    .optional()
    .describe('The forward proxy for outbound calls, such as `http://proxy.acme.example:3128`.'),
  NO_PROXY: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .describe('Hosts, with their subdomains, that are reached without the proxy, separated by commas; `*` is all.'),
  CLAIMGATE_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('How much is logged: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.'),
  CLAIMGATE_URL: origin
    .optional()
    .describe(
      'For the command line only: the node it speaks to. Default: `http://localhost:8080`. If set, `apply` uses the API instead of the database.',
    ),
  CLAIMGATE_DEMO_PORT: port
    .optional()
    .describe('Demo only: the port of the demo provider and demo wallet. Default: `PORT` + 1.'),
  CLAIMGATE_DEMO_URL: publicOrigin
    .optional()
    .describe(
      'Demo only: the public address of that port, for a phone. Default: `http://localhost:{CLAIMGATE_DEMO_PORT}`.',
    ),
  CLAIMGATE_KEYCLOAK_URL: httpUrl
    .optional()
    .describe('Demo only: a Keycloak whose realm `acme` the demo offers as a second sign-in.'),
  CLAIMGATE_KEYCLOAK_ADMIN: z
    .string()
    .regex(/^[^:]+:.+$/s, 'must be written as user:password')
    .optional()
    .describe('Demo only: `user:password` of an administrator of that Keycloak, to import the realm if it is missing.'),
})

/** What production asks for beyond that. */
export const ProductionSettings = Settings.extend({
  CLAIMGATE_PUBLIC_URL: origin.refine((text) => text.startsWith('https:'), 'must be https'),
  CLAIMGATE_SECRET: secret,
  CLAIMGATE_API_KEY: apiKey.min(20, 'must have at least 20 characters').optional(),
})

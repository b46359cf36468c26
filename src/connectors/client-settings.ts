import { createPrivateKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { isLoopback } from '../lib/addresses.ts'

/** An address of a provider: https, or http on this very machine; without query and fragment. */
export const ProviderUrl = z
  .url({ protocol: /^https?$/, error: 'This must be an https address.' })
  .refine((text) => !/[?#]/.test(text), 'This address has no query and no fragment.')
  .refine((text) => !URL.canParse(text) || new URL(text).username === '', 'This address holds no user name.')
  .refine(
    (text) => !URL.canParse(text) || text.startsWith('https:') || isLoopback(new URL(text).hostname),
    'An address with http leads to this very machine only; use https.',
  )

function isReadable(read: () => unknown): boolean {
  try {
    return read() !== undefined
  } catch {
    return false
  }
}

const isReference = (text: string) => /^\$\{secret:[^}]+\}$/.test(text)
const isPrivateKey = (pem: string) => isReadable(() => createPrivateKey(pem))
const isCertificate = (pem: string) => isReadable(() => new X509Certificate(pem))

/** What every provider needs to know us by, and how we speak with it. */
export const clientSettings = {
  client_id: z.string().min(1).max(255),
  client_secret: z.string().min(1).max(2000).optional(),
  /** The private key that client assertions and request objects are signed with, or that belongs to `client_certificate`; PEM. */
  client_key: z
    .string()
    .max(20_000)
    .refine((text) => isReference(text) || isPrivateKey(text), {
      error: 'This must be a private key in PEM, without a passphrase.',
      abort: true, // what cannot be read is not compared
    })
    .optional(),
  /** The `kid` that the provider knows `client_key` by, where it demands one. */
  client_key_id: z.string().min(1).max(255).optional(),
  /** For mutual TLS; PEM, with its chain behind it if it has one. */
  client_certificate: z
    .string()
    .max(50_000)
    .refine(isCertificate, { error: 'This must be a certificate in PEM.', abort: true })
    .optional(),
  scope: z.string().max(1000).optional(),
  /** How the client authenticates (OIDC Core §9, RFC 8705 §2); default: by what is written here and what the provider offers. */
  client_auth: z.enum(['basic', 'post', 'private_key_jwt', 'tls']).optional(),
  /** Pushed authorization requests (RFC 9126); `auto`: where the provider offers them. */
  par: z.enum(['auto', 'required', 'off']).optional(),
  /** Signed authorization requests (RFC 9101); default: where the provider requires them. */
  request_object: z.enum(['signed', 'off']).optional(),
  /** Access tokens bound to a key (RFC 9449); `auto`: where the provider offers it. Default `off`. */
  dpop: z.enum(['auto', 'required', 'off']).optional(),
  /** The origin at which this node reaches the provider, where people's browsers reach it at another. */
  backchannel_url: z
    .url({ protocol: /^https?$/, error: 'This must be an http or https address.' })
    .refine(
      (text) => !URL.canParse(text) || new URL(text).href === `${new URL(text).origin}/`,
      'This must be an origin.',
    )
    .optional(),
}

/** The members of these that are secrets. */
export const clientSecrets = ['client_secret', 'client_key'] as const

const Client = z.object(clientSettings)
export type ClientSettings = z.infer<typeof Client>

/** What the members do not say alone: which of secret, key and certificate go together. For `superRefine`. */
export function checkClient(settings: ClientSettings, context: z.RefinementCtx): void {
  const { client_secret: secret, client_key: key, client_certificate: certificate, client_auth: auth } = settings
  const wrong = (member: string, message: string) => context.addIssue({ code: 'custom', path: [member], message })
  const isSecret = auth === 'basic' || auth === 'post'
  if (secret !== undefined && key !== undefined) wrong('client_key', 'A client has a secret or a key, not both.')
  if (settings.client_key_id !== undefined && key === undefined)
    wrong('client_key_id', 'This is the name of a client_key, which is missing.')
  if (isSecret && secret === undefined) wrong('client_secret', `client_auth: ${auth} needs a client_secret.`)
  if (auth === 'private_key_jwt' && secret !== undefined)
    wrong('client_secret', 'client_auth: private_key_jwt needs a key and no secret.')
  if (auth === 'tls' && certificate === undefined)
    wrong('client_certificate', 'client_auth: tls needs a client_certificate and its client_key.')
  if (certificate === undefined) return
  if (auth !== undefined && auth !== 'tls')
    wrong('client_certificate', `A certificate is for client_auth: tls, not ${auth}.`)
  else if (key === undefined) wrong('client_key', 'The client_certificate needs its client_key.')
  // What is unreadable was named already.
  else if (!(isCertificate(certificate) && isPrivateKey(key))) return
  else if (!new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key)))
    wrong('client_key', 'This key does not belong to the client_certificate.')
}

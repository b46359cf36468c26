import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Configuration, interactionPolicy } from 'oidc-provider'
import { type DemoAccount, demoAccounts } from './accounts.ts'
import { memoryAdapter } from './memory-adapter.ts'
import { type DemoPages, demoPages, demoProblem, pageHeaders } from './pages.ts'
import { signIn } from './sign-in.ts'

export type DemoClient = { client_id: string; client_secret: string; redirect_uris: string[] }

export type DemoProviderOptions = {
  /** 0: any that is free. */
  port: number
  /** Which address to listen at; undefined: at every one. */
  host: string | undefined
  /** The provider's issuer identifier, without a slash at its end. With port 0 it gets the port that was found. */
  publicUrl: string
  clients: DemoClient[]
  accounts?: DemoAccount[]
  /** Makes what answers below `/wallet`, given the address it has. */
  wallet?: (publicUrl: string) => RequestListener
  /** Asks the port who is there, if it is taken. */
  fetch?: typeof globalThis.fetch
}

export type DemoProvider = {
  url: string
  port: number
  /** True if another node already runs the provider of this address; then `close` leaves it alone. */
  shared: boolean
  close(): Promise<void>
}

/** Every sign-in asks anew, so that one can be alice and then bob without finding out how to sign out. */
function alwaysAsk() {
  const policy = interactionPolicy.base()
  const check = new interactionPolicy.Check(
    'always_ask',
    'The demo asks at every sign-in.',
    ({ oidc }) => !oidc.result?.login,
  )
  policy.get('login')?.checks.add(check)
  return policy
}

function configuration({ clients, accounts = demoAccounts }: DemoProviderOptions, pages: DemoPages): Configuration {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const names = new Set(accounts.flatMap(({ claims }) => Object.keys(claims)))
  const email = ['email', 'email_verified']
  return {
    adapter: memoryAdapter(Date.now),
    clients: clients.map((client) => ({ id_token_signed_response_alg: 'ES256', require_auth_time: true, ...client })),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' }] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes: ['openid', 'profile', 'email'],
    claims: { openid: ['sub'], profile: [...names].filter((name) => !email.includes(name)), email },
    // Claims in the ID token as well as in UserInfo, as Keycloak and Entra ID do.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
    interactions: { policy: alwaysAsk(), url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, id) => {
      const account = accounts.find(({ username }) => username === id)
      return account && { accountId: id, claims: () => ({ ...account.claims, sub: id }) }
    },
    renderError: (ctx, { error, error_description: description }) => {
      ctx.set(pageHeaders)
      ctx.type = 'html'
      ctx.body = demoProblem(pages.context(ctx), { code: error, description: description ?? '' })
    },
    ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, Interaction: 900, Session: 900, Grant: 900 },
  }
}

/** The provider behind its public address: URLs come from `publicUrl` and never from what a request says. */
function listener(options: DemoProviderOptions): RequestListener {
  const { protocol, host, pathname } = new URL(options.publicUrl)
  const prefix = pathname.replace(/\/$/, '')
  const pages = demoPages(prefix)
  const provider = new Provider(options.publicUrl, configuration(options, pages))
  provider.proxy = true
  provider.use(signIn({ provider, pages, accounts: options.accounts ?? demoAccounts }))
  const answer = provider.callback()
  const wallet = options.wallet?.(options.publicUrl)
  const isWallets = /^\/wallet(\/|\?|$)/

  return (request: IncomingMessage & { originalUrl?: string }, response: ServerResponse) => {
    request.headers.host = host
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1)
    delete request.headers['x-forwarded-host']
    request.originalUrl = request.url ?? '/'
    if (request.originalUrl.startsWith(`${prefix}/`)) request.url = request.originalUrl.slice(prefix.length)
    const serve = wallet && isWallets.test(request.url ?? '') ? wallet : answer
    void serve(request, response)
  }
}

/** Whether the provider of this address already answers at the port; a node that is just starting gets some time. */
async function isRunning({ port, host = '127.0.0.1', publicUrl, fetch = globalThis.fetch }: DemoProviderOptions) {
  const { pathname } = new URL(publicUrl)
  const url = `http://${host}:${port}${pathname.replace(/\/$/, '')}/.well-known/openid-configuration`
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      const { issuer } = (await (await fetch(url)).json()) as { issuer?: unknown }
      return issuer === publicUrl
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  return false
}

/**
 * The demo's OpenID Provider with its accounts, on a port of its own. If another node already runs it there, that one is
 * used. Throws the server's error if something else has the port.
 */
export async function startDemoProvider(options: DemoProviderOptions): Promise<DemoProvider> {
  const server = createServer()
  try {
    server.listen(options.port, options.host)
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE' && (await isRunning(options))) {
      return { url: options.publicUrl, port: options.port, shared: true, close: async () => {} }
    }
    throw error
  }
  const { port } = server.address() as AddressInfo
  const url = options.port === 0 ? options.publicUrl.replace(/:0$/, `:${port}`) : options.publicUrl
  server.on('request', listener({ ...options, publicUrl: url }))
  return {
    url,
    port,
    shared: false,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

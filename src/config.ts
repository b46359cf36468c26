import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { z } from 'zod'
import { isLoopback } from './lib/addresses.ts'
import { ProductionSettings, Settings } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** How a node is to run. Frozen; a new one comes only with a new process. */
export type Config = Readonly<{
  demo: boolean
  port: number
  /** The address to listen on; undefined: all. */
  bind: string | undefined
  publicUrl: string
  databaseUrl: string
  dataFolder: string
  secret: Buffer
  previousSecret: Buffer | undefined
  apiKey: string | undefined
  secretsFolder: string | undefined
  trustedProxies: readonly string[]
  allowAddresses: readonly string[]
  proxy: Readonly<{ url: string; except: readonly string[] }> | undefined
  logLevel: z.infer<typeof Settings>['CLAIMGATE_LOG_LEVEL']
  demoPort: number
  demoUrl: string
  keycloakUrl: string | undefined
  keycloakAdmin: Readonly<{ user: string; password: string }> | undefined
}>

/** Everything that is wrong with the environment, at once. Names variables, never their values. */
export class ConfigError extends Error {
  readonly mistakes: { name: string; detail: string }[]

  constructor(mistakes: { name: string; detail: string }[]) {
    super(mistakes.map(({ name, detail }) => `${name} ${detail}`).join('\n'))
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

/** The environment of this process; every other file is given what it needs. */
export const environment = (): Environment => process.env

const names = Object.keys(Settings.shape)
// Kubernetes tells every pod about each Service of its namespace in variables made of the Service's name.
const ofKubernetes =
  /^CLAIMGATE_([A-Z0-9_]+_)?(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/
const injected = (name: string, value: string) =>
  ofKubernetes.test(name) || (/^CLAIMGATE_([A-Z0-9_]+_)?PORT$/.test(name) && /^(tcp|udp|sctp):\/\//.test(value))

/** The values of our variables, each from itself or from the file its `_FILE` names; an empty one counts as not set. */
function collect(env: Environment): { values: Record<string, string>; mistakes: { name: string; detail: string }[] } {
  const [values, mistakes]: [Record<string, string>, { name: string; detail: string }[]] = [{}, []]
  for (const [name, value] of Object.entries(env)) {
    if (!value || injected(name, value)) continue
    const target = name.replace(/_FILE$/, '')
    if (names.includes(name)) values[name] = value
    else if (!names.includes(target)) {
      if (name.startsWith('CLAIMGATE_')) mistakes.push({ name, detail: 'is not a setting of Claimgate' })
    } else if (env[target]) mistakes.push({ name, detail: `and ${target} are both set; keep one of them` })
    else {
      try {
        values[target] = readFileSync(value, 'utf8').replace(/\r?\n$/, '')
      } catch (error) {
        mistakes.push({ name, detail: `names a file that cannot be read (${(error as NodeJS.ErrnoException).code})` })
      }
    }
  }
  return { values, mistakes }
}

function parse<T extends z.ZodType>(schema: T, env: Environment): z.infer<T> {
  const { values, mistakes } = collect(env)
  const result = schema.safeParse(values)
  const broken = new Set(mistakes.map(({ name }) => name.replace(/_FILE$/, '')))
  for (const { path, message } of result.error?.issues ?? []) {
    const name = String(path[0])
    const detail = values[name] === undefined ? 'is required' : message
    if (!broken.has(name) || values[name] !== undefined) mistakes.push({ name, detail })
  }
  if (!result.success || mistakes.length > 0) throw new ConfigError(mistakes)
  return result.data
}

/** What the file holds; if there is none yet, a new secret of 256 bits, kept for the next start (of any process that uses the folder). */
function kept(folder: string, name: string): string {
  const file = join(folder, name)
  if (!existsSync(file)) {
    const draft = `${file}.${randomBytes(6).toString('hex')}`
    mkdirSync(folder, { recursive: true })
    writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600 })
    try {
      linkSync(draft, file) // unlike a rename it fails if another process was quicker, and nobody sees half a file
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(draft)
    }
  }
  return readFileSync(file, 'utf8').trim()
}

/**
 * Reads the environment of a node. In the demo a missing secret and API key are made and kept in the data folder.
 * @throws ConfigError with every mistake
 */
export function readConfig(env: Environment, { demo = false }: { demo?: boolean } = {}): Config {
  const set = parse(demo ? Settings : ProductionSettings, env) as z.infer<typeof Settings>
  const [port, data] = [set.PORT, set.CLAIMGATE_DATA]
  const demoPort = set.CLAIMGATE_DEMO_PORT ?? (port === 0 ? 0 : port + 1)
  const [user = '', ...password] = set.CLAIMGATE_KEYCLOAK_ADMIN?.split(':') ?? []
  return Object.freeze({
    demo,
    port,
    bind: set.CLAIMGATE_BIND ?? (demo && !set.CLAIMGATE_PUBLIC_URL ? '127.0.0.1' : undefined),
    publicUrl: set.CLAIMGATE_PUBLIC_URL ?? `http://localhost:${port}`,
    databaseUrl: set.CLAIMGATE_DATABASE_URL ?? `sqlite:${join(data, 'claimgate.sqlite')}`,
    dataFolder: data,
    secret: Buffer.from(set.CLAIMGATE_SECRET ?? kept(data, 'secret')),
    previousSecret: set.CLAIMGATE_SECRET_PREVIOUS ? Buffer.from(set.CLAIMGATE_SECRET_PREVIOUS) : undefined,
    apiKey: set.CLAIMGATE_API_KEY ?? (demo ? kept(data, 'api-key') : undefined),
    secretsFolder: set.CLAIMGATE_SECRETS,
    trustedProxies: Object.freeze(set.CLAIMGATE_TRUSTED_PROXIES),
    allowAddresses: Object.freeze([...set.CLAIMGATE_ALLOW_ADDRESSES, ...(demo ? ['127.0.0.0/8', '::1/128'] : [])]),
    proxy: set.HTTPS_PROXY ? Object.freeze({ url: set.HTTPS_PROXY, except: set.NO_PROXY }) : undefined,
    logLevel: set.CLAIMGATE_LOG_LEVEL,
    demoPort,
    demoUrl: set.CLAIMGATE_DEMO_URL ?? `http://localhost:${demoPort}`,
    keycloakUrl: set.CLAIMGATE_KEYCLOAK_URL,
    keycloakAdmin: user ? Object.freeze({ user, password: password.join(':') }) : undefined,
  })
}

/**
 * What the command line needs to speak to a node: its address, whether that was set, and an API key. Without a key of its own it
 * takes the demo's, which is sent to this very machine only.
 * @throws ConfigError with every mistake
 */
export function readClientConfig(env: Environment): { url: string; remote: boolean; apiKey: string | undefined } {
  const set = parse(Settings.pick({ CLAIMGATE_URL: true, CLAIMGATE_API_KEY: true, CLAIMGATE_DATA: true }), env)
  const url = set.CLAIMGATE_URL ?? 'http://localhost:8080'
  const demoKey = join(set.CLAIMGATE_DATA, 'api-key')
  const local =
    isLoopback(new URL(url).hostname) && existsSync(demoKey) ? readFileSync(demoKey, 'utf8').trim() : undefined
  return { url, remote: set.CLAIMGATE_URL !== undefined, apiKey: set.CLAIMGATE_API_KEY ?? local }
}

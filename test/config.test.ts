import { execFile } from 'node:child_process'
import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { ConfigError, type Environment, readClientConfig, readConfig } from '../src/config.ts'
import { Settings } from '../src/settings.ts'
import { settingsPage } from './reference.ts'

const secret = 'a secret of more than thirty-two bytes'
const production = { CLAIMGATE_PUBLIC_URL: 'https://id.acme.example', CLAIMGATE_SECRET: secret }
const folder = () => mkdtemp(join(tmpdir(), 'claimgate-config-'))

function mistakes(env: Environment, options?: { demo: boolean }): Record<string, string> {
  try {
    readConfig(env, options)
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.mistakes.map((m) => [m.name, m.detail]))
    throw error
  }
  return {}
}

test('production runs with a public URL and a secret, and everything else has a default', (t) => {
  const config = readConfig(production)
  t.like(config, {
    demo: false,
    port: 8080,
    bind: undefined,
    publicUrl: 'https://id.acme.example',
    databaseUrl: 'sqlite:data/claimgate.sqlite',
    apiKey: undefined,
    logLevel: 'info',
    allowAddresses: [],
    trustedProxies: [],
  })
  t.is(config.secret.toString(), secret)
  t.true(Object.isFrozen(config) && Object.isFrozen(config.allowAddresses))
})

test('production refuses to start without a public URL and a secret, with http, with a short secret or a short API key', (t) => {
  t.deepEqual(Object.keys(mistakes({})).sort(), ['CLAIMGATE_PUBLIC_URL', 'CLAIMGATE_SECRET'])
  const weak = { CLAIMGATE_PUBLIC_URL: 'http://localhost:8080', CLAIMGATE_SECRET: 'short', CLAIMGATE_API_KEY: 'short' }
  t.deepEqual(Object.keys(mistakes(weak)).sort(), ['CLAIMGATE_API_KEY', 'CLAIMGATE_PUBLIC_URL', 'CLAIMGATE_SECRET'])
})

test('all mistakes are named at once, and no value is repeated', (t) => {
  const wrong = {
    ...production,
    PORT: '80800',
    CLAIMGATE_LOG_LEVEL: 'loud-and-clear',
    CLAIMGATE_ALLOW_ADDRESSES: '10.0.0.0/33',
    CLAIMGATE_DATABASE_URL: 'postgres://user:hunter2@host/db',
    CLAIMGATE_PUBLC_URL: 'x',
    CLAIMGATE_API_KEY_FILE: '/does/not/exist',
  }
  t.deepEqual(
    Object.keys(mistakes(wrong)).sort(),
    Object.keys(wrong)
      .filter((name) => !(name in production))
      .sort(),
  )
  const error = t.throws(() => readConfig(wrong), { instanceOf: ConfigError })
  for (const value of ['80800', 'loud-and-clear', 'hunter2', secret]) t.false(error.message.includes(value), value)
})

test('an unknown CLAIMGATE_ name is refused, also with _FILE and also if it is empty of sense', (t) => {
  for (const name of ['CLAIMGATE_PORT', 'CLAIMGATE_SECRETT', 'CLAIMGATE_NOTHING_FILE', 'CLAIMGATE_PORT_80']) {
    t.deepEqual(Object.keys(mistakes({ ...production, [name]: '8080' })), [name])
  }
  t.deepEqual(mistakes({ ...production, OTHER_NAME: 'x', CLAIMGATE_API_KEY: '' }), {})
})

test('what Kubernetes injects for a Service named claimgate is ignored', (t) => {
  const injected = {
    CLAIMGATE_SERVICE_HOST: '10.0.0.7',
    CLAIMGATE_SERVICE_PORT: '8080',
    CLAIMGATE_SERVICE_PORT_HTTP: '8080',
    CLAIMGATE_PORT: 'tcp://10.0.0.7:8080',
    CLAIMGATE_PORT_8080_TCP: 'tcp://10.0.0.7:8080',
    CLAIMGATE_PORT_8080_TCP_PROTO: 'tcp',
    CLAIMGATE_PORT_8080_TCP_PORT: '8080',
    CLAIMGATE_PORT_8080_TCP_ADDR: '10.0.0.7',
    CLAIMGATE_DEMO_PORT: 'tcp://10.0.0.8:8081', // of a Service named claimgate-demo
  }
  t.deepEqual(readConfig({ ...production, ...injected }), readConfig(production))
})

test('every variable can come from the file that its _FILE names, but not from both', async (t) => {
  const file = join(await folder(), 'value')
  const good: Record<string, string> = {
    PORT: '9000',
    CLAIMGATE_BIND: '127.0.0.1',
    CLAIMGATE_DATABASE_URL: 'mysql://u:p@db/claimgate',
    CLAIMGATE_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
    CLAIMGATE_ALLOW_ADDRESSES: '10.1.0.0/16',
    CLAIMGATE_LOG_LEVEL: 'debug',
    CLAIMGATE_DEMO_PORT: '9001',
    CLAIMGATE_KEYCLOAK_ADMIN: 'admin:pass:word',
  }
  for (const name of Object.keys(Settings.shape)) {
    const value = good[name] ?? (/_(URL|PROXY)$/.test(name) ? 'https://other.example' : 'x'.repeat(40))
    await writeFile(file, `${value}\n`)
    const others = Object.fromEntries(Object.entries(production).filter(([key]) => key !== name))
    t.deepEqual(readConfig({ ...others, [`${name}_FILE`]: file }), readConfig({ ...others, [name]: value }), name)
    t.deepEqual(Object.keys(mistakes({ ...production, [name]: value, [`${name}_FILE`]: file })), [`${name}_FILE`])
  }
  t.deepEqual(readConfig({ ...production, ...good }).keycloakAdmin, { user: 'admin', password: 'pass:word' })
  t.deepEqual(readConfig({ ...production, ...good }).trustedProxies, ['10.0.0.0/8', '::1'])
})

test('the public URL is scheme, host and port; http only for this very machine', (t) => {
  const inDemo = (url: string) =>
    readConfig({ CLAIMGATE_PUBLIC_URL: url, CLAIMGATE_SECRET: secret, CLAIMGATE_API_KEY: 'k' }, { demo: true })
      .publicUrl
  t.is(inDemo('https://ID.acme.example/'), 'https://id.acme.example')
  t.is(inDemo('http://127.0.0.1:8080'), 'http://127.0.0.1:8080')
  t.is(inDemo('http://[::1]:8080'), 'http://[::1]:8080')
  const bad = [
    'http://id.acme.example',
    'https://h/path',
    'https://h/?q',
    'https://u:p@h',
    'ftp://h',
    'h',
    'http://127.0.0.1.evil.example',
  ]
  for (const url of bad)
    t.deepEqual(Object.keys(mistakes({ CLAIMGATE_PUBLIC_URL: url }, { demo: true })), ['CLAIMGATE_PUBLIC_URL'], url)
})

test('the demo runs without any setting: on loopback, with a secret and an API key that it keeps for itself', async (t) => {
  const data = join(await folder(), 'new', 'data')
  const first = readConfig({ CLAIMGATE_DATA: data }, { demo: true })
  t.like(first, { demo: true, bind: '127.0.0.1', publicUrl: 'http://localhost:8080', demoPort: 8081 })
  t.is(first.demoUrl, 'http://localhost:8081')
  t.deepEqual(first.allowAddresses, ['127.0.0.0/8', '::1/128'])
  t.true(first.secret.length >= 32)
  t.deepEqual(readConfig({ CLAIMGATE_DATA: data }, { demo: true }), first)
  for (const name of ['secret', 'api-key']) t.is((await stat(join(data, name))).mode & 0o777, 0o600)
  t.is(first.apiKey, (await readFile(join(data, 'api-key'), 'utf8')).trim())
})

test('the demo listens to everyone only if it was given a public URL, or an address', async (t) => {
  const env = { CLAIMGATE_DATA: await folder(), PORT: '9000' }
  t.is(readConfig({ ...env, CLAIMGATE_PUBLIC_URL: 'https://tunnel.example' }, { demo: true }).bind, undefined)
  t.is(readConfig({ ...env, CLAIMGATE_BIND: '0.0.0.0' }, { demo: true }).bind, '0.0.0.0')
  t.is(readConfig(env, { demo: true }).demoPort, 9001)
})

test('the demo makes nothing if a setting is wrong', async (t) => {
  const data = join(await folder(), 'data')
  t.deepEqual(Object.keys(mistakes({ CLAIMGATE_DATA: data, PORT: 'x' }, { demo: true })), ['PORT'])
  await t.throwsAsync(stat(data), { code: 'ENOENT' })
})

test('processes that start at the same moment share one secret', async (t) => {
  const data = await folder()
  const code = `import { readConfig } from './src/config.ts'; console.log(readConfig({ CLAIMGATE_DATA: '${data}' }, { demo: true }).secret.toString())`
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', code])
  const secrets = await Promise.all([run(), run(), run(), run()])
  t.is(new Set(secrets.map(({ stdout }) => stdout)).size, 1)
})

test("the command line takes the demo's API key for this very machine, and sends it nowhere else", async (t) => {
  const CLAIMGATE_DATA = await folder()
  const { apiKey } = readConfig({ CLAIMGATE_DATA }, { demo: true })
  t.deepEqual(readClientConfig({ CLAIMGATE_DATA }), { url: 'http://localhost:8080', remote: false, apiKey })
  const away = { CLAIMGATE_DATA, CLAIMGATE_URL: 'https://id.acme.example' }
  t.deepEqual(readClientConfig(away), { url: 'https://id.acme.example', remote: true, apiKey: undefined })
  t.is(readClientConfig({ ...away, CLAIMGATE_API_KEY: 'mine' }).apiKey, 'mine')
})

test('docs/reference/settings.md has every variable with its sentence, as the code has it', async (t) => {
  const page = await readFile(new URL('../docs/reference/settings.md', import.meta.url), 'utf8')
  t.is(page, settingsPage(), 'run `node test/reference.ts`')
  for (const [name, schema] of Object.entries(Settings.shape)) t.regex(schema.description ?? '', /[.!]$/, name)
})

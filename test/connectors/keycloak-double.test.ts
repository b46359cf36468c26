import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { connect } from '../../src/connectors/index.ts'
import { ProtocolError } from '../../src/protocol/errors.ts'
import { needs, refusalOf } from '../support/upstream.ts'

// What the real Keycloak does not do when told: break down, dawdle, answer nonsense.

type Answer = { status?: number; type?: string; body?: unknown; headers?: Record<string, string>; hang?: boolean }
type Answers = (path: string, query: URLSearchParams) => Answer | undefined

const subject = 'ada'
const ada = { id: subject, enabled: true, username: 'ada', attributes: { shoe: ['44'] } }

/** Something that says it is the realm `acme`; `answers` replaces what it would answer below `/admin/realms/acme` and at `/token`. */
async function startDouble(t: ExecutionContext, answers: { now: Answers } = { now: () => undefined }) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://double')
    const path = url.pathname.replace('/admin/realms/acme', '').replace('/realms/acme', '')
    requests.push(path)
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/acme`
    const usual: Record<string, unknown> = {
      '/.well-known/openid-configuration': {
        ...{ issuer, jwks_uri: `${issuer}/jwks`, response_types_supported: ['code'] },
        ...{ authorization_endpoint: `${issuer}/auth`, token_endpoint: `${issuer}/token` },
      },
      '/token': { access_token: `token-${requests.length}`, token_type: 'Bearer', expires_in: 300 },
      [`/users/${subject}`]: ada,
    }
    const {
      hang,
      status = 200,
      type = 'application/json',
      body = usual[path],
      headers,
    } = answers.now(path, url.searchParams) ?? {}
    if (hang) return
    response.writeHead(status, { 'content-type': type, ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? { error: 'User not found' }))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const settings = { kind: 'keycloak', url, realm: 'acme', client_id: 'claimgate', client_secret: 's', admin_api: true }
  const find = (wanted: string[], options?: Parameters<typeof needs>[0]) =>
    connect(needs(options), settings).findUser?.({ issuer: '', subject }, wanted) ?? Promise.reject(new Error())
  return { requests, settings, find, answers }
}

const only = (at: string, answer: Answer): { now: Answers } => ({ now: (path) => (path === at ? answer : undefined) })
const user = `/users/${subject}`

test('Keycloak: more groups than one page holds come page by page', async (t) => {
  const paths = Array.from({ length: 230 }, (_, index) => `/g/${String(index).padStart(3, '0')}`)
  const { find, requests } = await startDouble(t, {
    now: (path, query) => {
      const [first, max] = [Number(query.get('first')), Number(query.get('max'))]
      return path.endsWith('/groups')
        ? { body: paths.slice(first, first + max).map((one) => ({ path: one })) }
        : undefined
    },
  })
  t.deepEqual((await find(['groups'])).groups, paths)
  t.is(requests.filter((path) => path.endsWith('/groups')).length, 3)
})

test('Keycloak: a list that never ends is given up', async (t) => {
  const full = Array.from({ length: 100 }, () => ({ path: '/again' }))
  const { find, requests } = await startDouble(t, only(`${user}/groups`, { body: full }))
  t.is((await refusalOf(find(['groups']))).fault, 'admin-api-unavailable')
  t.true(requests.length < 30)
})

const troubles: Record<string, [fault: string, help: string, Answer]> = {
  '429': ['admin-api-unavailable', 'source-unavailable', { status: 429, headers: { 'retry-after': '17' } }],
  '503 with a page': ['admin-api-unavailable', 'source-unavailable', { status: 503, type: 'text/html', body: '<h1>' }],
  'a proxy’s page that says 200': ['admin-api-refused', 'provider-set-up', { type: 'text/html', body: '<h1>Hello' }],
  'a proxy that hides /admin': [
    'admin-api-refused',
    'provider-set-up',
    { status: 404, type: 'text/html', body: '<h1>' },
  ],
  'a redirect': ['admin-api-refused', 'provider-set-up', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
  'no person but a list': ['admin-api-refused', 'provider-set-up', { body: [] }],
  'attributes that are no lists': ['admin-api-refused', 'provider-set-up', { body: { ...ada, attributes: { a: 1 } } }],
  'another person': ['admin-api-user-missing', 'source-unknown-person', { body: { ...ada, id: 'bob' } }],
  'a person who may be switched off': ['admin-api-refused', 'provider-set-up', { body: { id: subject } }],
  'a token that is refused again': ['admin-api-auth', 'provider-set-up', { status: 401 }],
}
for (const [what, [fault, help, answer]] of Object.entries(troubles)) {
  test(`Keycloak: ${what} at the Admin API is ${fault}`, async (t) => {
    const { find } = await startDouble(t, only(user, answer))
    const refusal = await refusalOf(find(['attributes']))
    t.like(refusal, { fault, help })
    if (answer.headers?.['retry-after']) t.is(refusal.retryAfter, 17)
    t.notRegex(JSON.stringify(refusal), /token-\d|44/)
  })
}

test('Keycloak: an Admin API that is slow, or that answers without end, is a fault of its own', async (t) => {
  const { find, answers } = await startDouble(t, only(user, { hang: true }))
  const slow = await refusalOf(find(['attributes'], { timeoutSeconds: 3 }))
  t.like(slow, { fault: 'admin-api-unavailable', code: 'temporarily_unavailable', retryAfter: 60 })
  answers.now = only(user, { body: { ...ada, username: 'a'.repeat(5000) } }).now
  t.is((await refusalOf(find(['attributes'], { maxBytes: 4000 }))).fault, 'admin-api-refused')
})

test('Keycloak: many people at once ask for one service account token, and a token is not used to its last second', async (t) => {
  const { settings, requests } = await startDouble(t)
  let now = Date.now()
  const upstream = connect(needs({ clock: () => new Date(now) }), settings)
  const find = () => upstream.findUser?.({ issuer: '', subject }, ['attributes'])
  const tokens = () => requests.filter((path) => path === '/token').length
  await Promise.all(Array.from({ length: 20 }, find))
  t.is(tokens(), 1)
  now += 269_000
  await find()
  t.is(tokens(), 1)
  now += 2000
  await find()
  t.is(tokens(), 2)
})

test('Keycloak: a token that Keycloak no longer knows is replaced once; a failed request for one is not kept', async (t) => {
  let refused = ''
  const { settings, answers, requests } = await startDouble(t)
  const upstream = connect(needs(), settings)
  const again = () => upstream.findUser!({ issuer: '', subject }, ['attributes'])
  answers.now = (path) => (path === '/token' ? { status: 503, body: 'down' } : undefined)
  t.is((await refusalOf(again())).code, 'temporarily_unavailable')
  answers.now = (path) => {
    if (path !== user || refused) return undefined
    refused = 'once'
    return { status: 401, body: { error: 'HTTP 401 Unauthorized' } }
  }
  t.like(await again(), { username: 'ada' })
  t.is(requests.filter((path) => path === '/token').length, 3)
})

test('Keycloak: whatever JSON the Admin API answers, it is a person or a fault of ours', async (t) => {
  const { find, answers } = await startDouble(t)
  const words = fc.constantFrom('id', 'enabled', 'attributes', 'username', '__proto__', 'constructor', 'path', 'name')
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.dictionary(words, tie('value'), { noNullPrototype: true })),
  })).value
  await fc.assert(
    fc.asyncProperty(json, fc.boolean(), async (value, isPerson) => {
      const body = isPerson && typeof value === 'object' ? { ...ada, ...value } : value
      answers.now = (path) => (path.startsWith('/users') ? { body: JSON.stringify(body) } : undefined)
      const found = await find(['groups']).catch((error: unknown) => error)
      t.true(found instanceof ProtocolError || (found as { id?: unknown }).id === subject)
    }),
    { numRuns: 60 },
  )
})

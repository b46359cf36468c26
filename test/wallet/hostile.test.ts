import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { text as readText } from 'node:stream/consumers'
import test from 'ava'
import fc from 'fast-check'
import { adminRouter } from '../../src/http/admin/app.ts'
import { serve } from '../../src/http/server.ts'
import { makeKey, signJwt } from '../../src/wallet/keys.ts'
import {
  type Answer,
  fill,
  hostileBodies,
  hostileHeaders,
  hostileQueries,
  hostileSegments,
  isAnswered,
  type Kind,
  type Route,
  routesOf,
} from '../support/hostile.ts'
import { startTestNode } from '../support/node.ts'
import { requestHead, sendRaw } from '../support/raw-http.ts'
import { remember } from '../support/secrets.ts'

const key = remember('platform-key-of-the-hostile-tests', 'API key')
const node = await startTestNode({ config: { apiKey: key } })
const { routers } = serve(node.services, AbortSignal.abort())
const all = [...routesOf(routers), ...routesOf([adminRouter(node.services)], '/api')]
const routes = all.filter(({ method }) => method !== 'HEAD') // which is served where GET is
const offer = await node.offer()
const wallet = node.wallet('campus')
const token = await wallet.redeem((await node.offer()).code)
test.after.always(() => node.stop())

const id = '0197f0e0-0000-7000-8000-000000000000'
const values: Record<string, string> = {
  tenant: 'test',
  issuer: 'campus',
  handle: new URL(offer.page).pathname.split('/').at(-1)!,
  configuration: 'StudentCard',
  identityProvider: 'idp',
  offer: `off_${id}`,
  session: `ses_${id}`,
  deferred: `dfr_${id}`,
  credential: `crd_${id}`,
  list: id,
  purpose: 'revocation',
}
// What would be written where everybody else works is written elsewhere.
const pathOf = (route: Route, changed: Record<string, string> = {}) =>
  fill(route, { ...values, ...(route.method === 'PUT' && { tenant: 'hostile' }), ...changed })

/** A route is for programs if pages of other origins may call it. */
async function kindOf(route: Route): Promise<Kind> {
  if (route.pattern.startsWith('/api/')) return 'problem'
  const headers = { origin: 'https://wallet.example', 'access-control-request-method': route.method }
  const preflight = await send('OPTIONS', pathOf(route), { headers })
  return preflight.headers.has('access-control-allow-origin') ? 'json' : 'page'
}

const authorization = ({ pattern }: Route) => `Bearer ${pattern.startsWith('/api/') ? key : token.body.access_token}`

const agent = new Agent({ keepAlive: true })
type Sent = { headers?: Record<string, string>; body?: string | Buffer }

/** Not by `fetch`, which would tidy paths up. Of a stream of events the head is enough. */
async function send(method: string, path: string, { headers = {}, body = '' }: Sent = {}): Promise<Answer> {
  const length = { 'content-length': String(Buffer.byteLength(body)) }
  const outgoing = request(node.url, { agent, method, path, headers: { ...headers, ...length } }).end(body)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  const isStream = response.headers['content-type'] === 'text/event-stream'
  const text = isStream ? '' : await readText(response)
  if (isStream) outgoing.destroy()
  const fields = Object.entries(response.headersDistinct).map(([name, values]) => [name, String(values)])
  return { status: response.statusCode ?? 0, headers: new Headers(fields as [string, string][]), text }
}

test('the routers have the routes that there are', (t) => {
  const known = routes.map(({ method, pattern }) => `${method} ${pattern}`)
  for (const one of ['POST /:tenant/:issuer/token', 'GET /readyz', 'PUT /api/v1/tenants/:tenant'])
    t.true(known.includes(one))
  t.true(known.length > 30)
})

for (const route of routes) {
  const { method, pattern, parameters } = route
  const path = pathOf(route)

  test.serial(`VCI-81: ${method} ${pattern} answers whatever stands in its path, query and headers`, async (t) => {
    const kind = await kindOf(route)
    const headers = { authorization: authorization(route) }
    for (const name of parameters) {
      for (const value of hostileSegments) {
        const odd = pathOf(route, { [name]: value })
        isAnswered(
          t,
          odd.startsWith('/api/') ? 'problem' : kind,
          await send(method, odd, { headers }),
          `${name} ${value}`,
        )
      }
    }
    for (const query of hostileQueries)
      isAnswered(t, kind, await send(method, `${path}?${query}`, { headers }), query.slice(0, 40))
    for (const odd of hostileHeaders)
      isAnswered(t, kind, await sendRaw(node.url, requestHead(method, path, odd)), JSON.stringify(odd).slice(0, 40))
  })

  if (method === 'GET') continue

  test.serial(`VCI-79, VCI-81: ${method} ${pattern} answers whatever it is sent`, async (t) => {
    const kind = await kindOf(route)
    for (const [name, type, body] of hostileBodies) {
      const headers = { authorization: authorization(route), ...(type !== undefined && { 'content-type': type }) }
      isAnswered(t, kind, await send(method, path, { headers, body }), name)
    }
  })
}

/** Whether a path is one of a pattern, for a word in a path may be what stands in the place of an id in another. */
const isOf = (path: string, { pattern }: Route) => new RegExp(`^${pattern.replaceAll(/:[^/]+/g, '[^/]+')}$`).test(path)

test('RFC 9110 §15.5.6: a method that a path does not serve is 405 and says which it does', async (t) => {
  for (const pattern of new Set(routes.map((route) => route.pattern))) {
    const served = routes.filter((route) => route.pattern === pattern)
    const [route] = served as [Route]
    const [kind, path] = [await kindOf(route), pathOf(route)]
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND']) {
      if (routes.some((one) => one.method === method && isOf(path, one))) continue
      const answer = await sendRaw(node.url, requestHead(method, path))
      isAnswered(t, kind, answer, `${method} ${path}`)
      if (answer.status !== 404) t.is(answer.status, 405, `${method} ${path}`)
      if (answer.status === 405) t.true(answer.headers.get('allow')?.split(', ').includes(route.method))
    }
    isAnswered(t, kind, await sendRaw(node.url, requestHead('HEAD', path)), `HEAD ${path}`)
    const options = await sendRaw(node.url, requestHead('OPTIONS', path))
    t.true(options.status < 500, `OPTIONS ${path}`)
  }
})

const large = 10 * 1024 * 1024
const readers: [string, string, Record<string, string>][] = [
  ['/test/campus/token', 'application/x-www-form-urlencoded', {}],
  ['/test/campus/par', 'application/x-www-form-urlencoded', {}],
  ['/test/campus/authorize', 'application/x-www-form-urlencoded', {}],
  ['/test/campus/consent', 'application/x-www-form-urlencoded', {}],
  ['/test/campus/credential', 'application/json', { authorization: `Bearer ${token.body.access_token}` }],
  ['/api/v1/tenants/test/issuers/campus/offers', 'application/json', { authorization: `Bearer ${key}` }],
]

for (const [path, type, headers] of readers) {
  test(`RFC 9110 §15.5.14: POST ${path} is 413 for ten megabytes, announced or not`, async (t) => {
    const kind = path.startsWith('/api/') ? 'problem' : /authorize|consent/.test(path) ? 'page' : 'json'
    const announced = { ...headers, 'content-type': type, 'content-length': String(large) }
    const first = await sendRaw(node.url, requestHead('POST', path, announced))
    t.is(first.status, 413)
    isAnswered(t, kind, first, 'announced')
    if (path.endsWith('/credential')) t.is(JSON.parse(first.text).error, 'invalid_credential_request', 'VCI-79')
    const head = requestHead('POST', path, { ...headers, 'content-type': type, 'transfer-encoding': 'chunked' })
    const chunk = `${(1024 * 1024).toString(16)}\r\n${'a'.repeat(1024 * 1024)}\r\n`
    const second = await sendRaw(node.url, head, ...Array.from({ length: 10 }, () => chunk), '0\r\n\r\n')
    t.true([0, 413].includes(second.status), 'the connection may close before all is sent')
    if (second.status !== 0) isAnswered(t, kind, second, 'in chunks')
  })
}

test('RFC 9112 §2: what is no request at all is answered or hung up on', async (t) => {
  const whole = 'POST /test/campus/token HTTP/1.1\r\nhost: x\r\n'
  for (const raw of [
    'GET\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    '\0\0\0\0\r\n\r\n',
    'GET /\0 HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET /test/campus/jwks HTTP/1.1\r\n\r\n',
    'GET /test/campus/jwks HTTP/1.1\r\nhost: x\r\nauthorization: \x01\r\n\r\n',
    `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`,
    `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    'GET http://evil.example/test/campus/jwks HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    'CONNECT evil.example:443 HTTP/1.1\r\nhost: x\r\n\r\n',
    `${whole}content-length: -1\r\n\r\n`,
    `${whole}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${whole}transfer-encoding: chunked\r\n\r\nzz\r\n`,
  ]) {
    const { status, text } = await sendRaw(node.url, raw)
    t.true(status < 500, `${raw.slice(0, 60)} ${status} ${text}`)
  }
})

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('', '\0', '{}', '[{}]'))
const parameter = fc.constantFrom(
  ...['grant_type', 'pre-authorized_code', 'code', 'tx_code', 'client_id', 'redirect_uri', 'code_verifier', 'resource'],
  ...['authorization_details', 'scope', 'state', 'response_type', 'code_challenge', 'code_challenge_method', 'request'],
  ...['issuer_state', 'request_uri', 'dpop_jkt', 'response_mode', 'login_hint'],
)
const grantTypes = ['authorization_code', 'urn:ietf:params:oauth:grant-type:pre-authorized_code', 'refresh_token']
const form = fc
  .tuple(
    fc.dictionary(fc.oneof(parameter, text), text),
    fc.option(fc.record({ grant_type: fc.constantFrom(...grantTypes), code: text, 'pre-authorized_code': text }), {
      nil: {},
    }),
    fc.option(
      fc.record({
        response_type: fc.constant('code'),
        client_id: fc.constantFrom('test-wallet', 'x'),
        redirect_uri: fc.oneof(text, fc.webUrl(), fc.constant('https://wallet.example/callback')),
        code_challenge: fc.constant('c'.repeat(43)),
        code_challenge_method: fc.constant('S256'),
        authorization_details: fc.json(),
      }),
      { nil: {} },
    ),
  )
  .map((parts) => new URLSearchParams(Object.assign({}, ...parts)).toString())

for (const endpoint of ['token', 'par']) {
  test(`VCI-53, VCI-81: whatever form the ${endpoint} endpoint is sent, it answers in the words of the standard`, async (t) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    await fc.assert(
      fc.asyncProperty(form, async (body) => {
        isAnswered(t, 'json', await send('POST', `/test/campus/${endpoint}`, { headers, body }), body)
      }),
      { numRuns: 100 },
    )
  })
}

const holder = makeKey()
const members = fc.dictionary(fc.string(), fc.jsonValue())
const proof = fc
  .tuple(fc.oneof(members, fc.constant({})), fc.oneof(members, fc.constant({})))
  .map(([header, claims]) =>
    signJwt(
      holder,
      { typ: 'openid4vci-proof+jwt', alg: 'ES256', jwk: holder.jwk, ...header },
      { nonce: 'x', ...claims },
    ),
  )
const credentialRequest = fc.record(
  {
    credential_identifier: fc.oneof(text, fc.constant(token.body.authorization_details[0]!.credential_identifiers[0])),
    credential_configuration_id: fc.oneof(fc.jsonValue(), fc.constant('StudentCard')),
    proofs: fc.oneof(fc.jsonValue(), fc.record({ jwt: fc.array(fc.oneof(text, proof), { maxLength: 3 }) })),
    credential_response_encryption: fc.jsonValue(),
  },
  { requiredKeys: [] },
)

test('VCI-79, VCI-81, VCI-83: whatever JSON the credential endpoint is sent, it answers with a code of its own list', async (t) => {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token.body.access_token}` }
  const body = fc.oneof({ weight: 4, arbitrary: credentialRequest }, { weight: 1, arbitrary: fc.jsonValue() })
  await fc.assert(
    fc.asyncProperty(body, async (asked) => {
      const answer = await send('POST', '/test/campus/credential', { headers, body: JSON.stringify(asked) })
      isAnswered(t, 'json', answer, JSON.stringify(asked))
      const { error } = JSON.parse(answer.text)
      t.is(answer.status, 400)
      t.regex(error, /^(invalid_(credential_request|proof|nonce|encryption_parameters)|unknown_credential_\w+)$/)
    }),
    { numRuns: 100 },
  )
})

test.after('the node is as well as before', async (t) => {
  t.is((await send('GET', '/readyz')).status, 200)
  const issued = await wallet.credential(await wallet.redeem(offer.code))
  t.is(issued.status, 200, issued.text)
})

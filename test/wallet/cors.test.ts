import test from 'ava'
import { startTestNode } from '../support/node.ts'

const node = await startTestNode()
test.after.always(() => node.stop())

const origin = 'https://wallet.example'
const exposed = ['DPoP-Nonce', 'WWW-Authenticate', 'OAuth-Client-Attestation-Challenge']
const at = '/test/campus'
const handle = 'A'.repeat(43)

const open: [string, string][] = [
  ...['openid-credential-issuer', 'oauth-authorization-server', 'openid-configuration', 'jwt-vc-issuer'].flatMap(
    (name): [string, string][] => [
      ['GET', `/.well-known/${name}${at}`],
      ['GET', `${at}/.well-known/${name}`],
    ],
  ),
  ['GET', `${at}/jwks`],
  ['GET', `${at}/crl`],
  ['GET', `${at}/offers/${handle}`],
  ['GET', `${at}/types/StudentCard`],
  ['POST', `${at}/par`],
  ['POST', `${at}/authorize/par`],
  ['POST', `${at}/token`],
  ['POST', `${at}/challenge`],
  ['POST', `${at}/nonce`],
  ['POST', `${at}/credential`],
  ['POST', `${at}/deferred-credential`],
  ['POST', `${at}/notification`],
  ['POST', `${at}/revoke`],
]
const closed: [string, string][] = [
  ['GET', `${at}/authorize`],
  ['POST', `${at}/authorize`],
  ['GET', '/test/callback/idp'],
  ['GET', '/test/callback/token'],
  ['GET', '/test/callback/jwks'],
  ['GET', `${at}/consent`],
  ['POST', `${at}/consent`],
  ['GET', `${at}/offer/${handle}`],
  ['GET', `${at}/offer/${handle}/events`],
  ['GET', '/'],
  ['GET', '/healthz'],
  ['GET', '/static/pages.css'],
  ['GET', '/api/v1/tenants/test/issuers/campus/offers'],
  ['POST', '/api/v1/tenants/test/issuers/campus/offers'],
  ['POST', '/api/v1/token'],
  ['GET', '/api/v1/jwks'],
]

const call = (method: string, path: string, headers: Record<string, string> = { origin }) =>
  fetch(node.url + path, { method, headers, redirect: 'manual' })

test('CORS: every endpoint for programs may be read by pages of every origin, without credentials, also when it refuses', async (t) => {
  for (const [method, path] of open) {
    const { headers, status } = await call(method, path)
    t.is(headers.get('access-control-allow-origin'), '*', `${path} ${status}`)
    t.is(headers.get('access-control-allow-credentials'), null, path)
    t.deepEqual(headers.get('access-control-expose-headers')?.split(','), exposed, path)
    t.regex(headers.get('vary') ?? '', /\bOrigin\b/, path)
  }
})

test('CORS: a browser that asks first may send the headers of a wallet', async (t) => {
  for (const [method, path] of open) {
    const asked = 'authorization,content-type,dpop'
    const preflight = { origin, 'access-control-request-method': method, 'access-control-request-headers': asked }
    const { status, headers } = await call('OPTIONS', path, preflight)
    t.is(status, 204, path)
    t.is(headers.get('access-control-allow-origin'), '*', path)
    t.true(headers.get('access-control-allow-methods')?.split(',').includes(method), path)
    t.is(headers.get('access-control-allow-headers'), asked, path)
    t.is(headers.get('access-control-allow-credentials'), null, path)
  }
})

test('RFC 9449 §8: a page can read the nonce that comes with a refusal', async (t) => {
  const answer = await call('POST', `${at}/nonce`)
  t.truthy(answer.headers.get('dpop-nonce'))
  t.true(answer.headers.get('access-control-expose-headers')?.includes('DPoP-Nonce'))
})

test('FAPI 2.0 §5.2.3: pages, what leads through them, and the admin API are open to no other origin', async (t) => {
  for (const [method, path] of closed) {
    const answers = [
      await call(method, path),
      await call('OPTIONS', path, { origin, 'access-control-request-method': method }),
    ]
    for (const { status, headers } of answers) {
      t.true(status < 500, `${method} ${path} ${status}`)
      for (const name of headers.keys()) t.false(name.startsWith('access-control-'), `${method} ${path} ${name}`)
    }
  }
})

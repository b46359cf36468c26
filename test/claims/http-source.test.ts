import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import tls from 'node:tls'
import * as x509 from '@peculiar/x509'
import test from 'ava'
import { httpSource } from '../../src/claims/http-source.ts'
import { ClaimSource } from '../../src/model/claim-source.ts'
import { json, type SourceAnswer, startClaimSource } from '../support/claim-source.ts'
import { needs, refusalOf } from '../support/upstream.ts'

const signed: Record<string, unknown>[] = []
const sign = async (claims: Record<string, unknown>) => {
  signed.push(claims)
  return 'a.signed.jwt'
}
const alice = { id_token: { number: 'E-1001' }, session: {} }

/** A source that answers so, and how it is asked; the clock stands still until it is moved. */
async function sourceWith(settings: object = {}, answer: (count: number) => SourceAnswer = () => json({ grade: 7 })) {
  const double = await startClaimSource()
  double.answer = ({ url }) => (url === '/token' ? json({}) : answer(asked().length))
  const asked = () => double.requests.filter(({ url }) => url.startsWith('/people'))
  let offset = 0
  const clock = () => new Date(1_800_000_000_000 + offset)
  const parsed = ClaimSource.parse({ url: `${double.url}/people/{id_token.number}`, ...settings })
  const source = httpSource(needs({ clock, allowAddresses: ['127.0.0.0/8', '::1'] }), 'hr', parsed)
  const wait = (seconds: number) => {
    offset += seconds * 1000
  }
  return { double, asked, wait, ask: (sources: object = alice) => source.ask(sources as never, sign) }
}
const factsOf = ({ cause }: Awaited<ReturnType<typeof refusalOf>>) => cause as Record<string, unknown>

test('a person’s data comes as JSON, asked for with the source’s own headers', async (t) => {
  const { ask, asked } = await sourceWith({ headers: { 'X-Tenant': 'acme' } })
  t.deepEqual(await ask(), { grade: 7 })
  t.like(asked()[0], { method: 'GET', url: '/people/E-1001', body: '' })
  t.like(asked()[0]?.headers, { 'x-tenant': 'acme', accept: 'application/json' })
})

test('a POST carries its JSON body, and is sent once only', async (t) => {
  const { ask, asked } = await sourceWith(
    { method: 'POST', body: { number: '{id_token.number}' }, retries: 3 },
    () => ({ status: 503 }),
  )
  t.like(await refusalOf(ask()), { code: 'temporarily_unavailable', fault: 'source-failed' })
  t.deepEqual(
    asked().map(({ method, body, headers }) => [method, body, headers['content-type']]),
    [['POST', '{"number":"E-1001"}', 'application/json']],
  )
})

test('whoever the source does not know, and whoever cannot be named to it, has no data there', async (t) => {
  const { ask, asked } = await sourceWith({}, () => ({ status: 404, type: 'text/html', body: '<h1>no</h1>' }))
  t.is(await ask(), undefined)
  t.is(await ask({ id_token: {}, session: {} }), undefined)
  t.is(asked().length, 1)
})

test('an outage is asked again, and ends well where the source recovers', async (t) => {
  const { ask, asked } = await sourceWith({ retries: 2 }, (count) => (count < 3 ? { status: 502 } : json({ grade: 8 })))
  t.deepEqual(await ask(), { grade: 8 })
  t.is(asked().length, 3)
})

test('what trying later may help is temporarily_unavailable, with the wait that the source asks for', async (t) => {
  const outages: [SourceAnswer, Record<string, unknown>][] = [
    [{ status: 500 }, { reason: 'status', status: 500 }],
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { reason: 'status', status: 429 },
    ],
    [{ hang: true }, { reason: 'timeout' }],
    [{ afterMs: 3000, ...json({}) }, { reason: 'timeout' }],
  ]
  for (const [answer, facts] of outages) {
    const { ask } = await sourceWith({ retries: 0, timeout: 'PT1S' }, () => answer)
    const refusal = await refusalOf(ask())
    t.like(refusal, { code: 'temporarily_unavailable', help: 'source-unavailable', fault: 'source-failed' })
    t.is(refusal.retryAfter, facts.status === 429 ? 7 : 60)
    t.like(factsOf(refusal), { source: 'hr', ...facts })
    t.is(typeof factsOf(refusal).ms, 'number')
  }
  const { ask, double } = await sourceWith({ retries: 0 })
  await double.stop()
  t.like(factsOf(await refusalOf(ask())), { reason: 'unreachable' })
})

test('what somebody has to set right is server_error, and is not asked again', async (t) => {
  const faults: [SourceAnswer, Record<string, unknown>][] = [
    [{ status: 401 }, { reason: 'status', status: 401 }],
    [{ status: 403 }, { reason: 'status', status: 403 }],
    [
      { status: 302, headers: { location: 'https://evil.example/' } },
      { reason: 'redirect', status: 302 },
    ],
    [{ type: 'text/html', body: '<h1>hello</h1>' }, { reason: 'not_json' }],
    [{ body: '{"grade":' }, { reason: 'not_json' }],
    [json([1, 2]), { reason: 'not_an_object' }],
    [json('text'), { reason: 'not_an_object' }],
    [json({ text: 'x'.repeat(1000) }), { reason: 'too_large' }],
    [json({ text: 'x'.repeat(2 ** 21) }), { reason: 'too_large' }],
  ]
  for (const [answer, facts] of faults) {
    const { ask, asked } = await sourceWith({ retries: 3, max_bytes: 500 }, () => answer)
    const refusal = await refusalOf(ask())
    t.like(refusal, { code: 'server_error', help: 'source-set-up', fault: 'source-failed' }, JSON.stringify(facts))
    t.like(factsOf(refusal), { source: 'hr', ...facts })
    t.is(asked().length, 1)
  }
})

test('RFC 9700 §4.15: an address inside is refused unless the platform allows it', async (t) => {
  const settings = ClaimSource.parse({ url: 'https://127.0.0.1/{id_token.number}' })
  const source = httpSource(needs({ allowAddresses: [] }), 'hr', settings)
  t.like(factsOf(await refusalOf(source.ask(alice, sign))), { fault: 'source-failed', reason: 'address_refused' })
})

test('no fact of a fault holds what was asked', async (t) => {
  const { ask, double } = await sourceWith({ retries: 0 }, () => ({ status: 403, body: 'E-1001 Alice' }))
  const { message, cause } = await refusalOf(ask())
  t.notRegex(JSON.stringify([message, cause]), /E-1001|Alice|people|localhost/)
  t.regex(double.url, /localhost/)
})

test('an answer is kept for its person and its time only, and not at all unless the source says so', async (t) => {
  const { ask, asked, wait } = await sourceWith({ cache: { for: 'PT5M' } })
  const bob = { id_token: { number: 'E-1002' }, session: {} }
  for (const person of [alice, alice, bob, bob]) t.deepEqual(await ask(person), { grade: 7 })
  t.deepEqual(
    asked().map(({ url }) => url),
    ['/people/E-1001', '/people/E-1002'],
  )
  wait(301)
  await ask()
  t.is(asked().length, 3)
  const without = await sourceWith()
  await without.ask()
  await without.ask()
  t.is(without.asked().length, 2)
})

test('an API key, a password and a JWT about the request go with it as headers', async (t) => {
  const headerOf = async (authentication: object, name: string) => {
    const { ask, asked, double } = await sourceWith({ authentication })
    await ask()
    return [asked()[0]?.headers[name], double.url] as const
  }
  t.is((await headerOf({ api_key: { header: 'X-Api-Key', value: 'k' } }, 'x-api-key'))[0], 'k')
  const basic = await headerOf({ basic: { username: 'claimgate', password: 'p:w' } }, 'authorization')
  t.is(basic[0], `Basic ${Buffer.from('claimgate:p:w').toString('base64')}`)
  const [bearer, url] = await headerOf({ jwt: {} }, 'authorization')
  t.is(bearer, 'Bearer a.signed.jwt')
  const iat = 1_800_000_000
  t.deepEqual(signed.at(-1), { aud: url, iat, exp: iat + 60, htm: 'GET', htu: `${url}/people/E-1001` })
})

test('RFC 6749 §4.4: an access token is fetched once, renewed before it ends, and once more when it is refused', async (t) => {
  const double = await startClaimSource()
  let [issued, good] = [0, 1]
  double.answer = ({ url, headers }) => {
    if (url === '/token') return json({ access_token: `t${++issued}`, token_type: 'Bearer', expires_in: 100 })
    return headers.authorization === `Bearer t${good}` ? json({ grade: 7 }) : { status: 401 }
  }
  const oauth = { token_endpoint: `${double.url}/token`, client_id: 'a:b', client_secret: 's é', scope: 'people' }
  const { ask, wait } = await sourceWith({
    ...{ url: `${double.url}/people`, authentication: { oauth } },
  })
  await ask()
  await ask()
  const [first] = double.requests
  t.is(first?.body, 'grant_type=client_credentials&scope=people')
  t.is(first?.headers.authorization, `Basic ${Buffer.from('a%3Ab:s+%C3%A9').toString('base64')}`)
  t.is(issued, 1)
  wait(80)
  good = 2
  await ask()
  t.is(issued, 2)
  good = 3 // the token in hand is refused, as after a restart of the source
  t.deepEqual(await ask(), { grade: 7 })
  t.is(issued, 3)
  good = 99
  t.like(factsOf(await refusalOf(ask())), { reason: 'status', status: 401 })
  t.is(issued, 4)
})

test('RFC 6749 §4.4: an access token that is refused to several at once is renewed for each of them', async (t) => {
  const double = await startClaimSource()
  let good = 1
  double.answer = ({ url, headers }) => {
    if (url === '/token') return { afterMs: 50, ...json({ access_token: `t${good}`, token_type: 'Bearer' }) }
    return headers.authorization === `Bearer t${good}` ? json({ grade: 7 }) : { status: 401 }
  }
  const oauth = { token_endpoint: `${double.url}/token`, client_id: 'a', client_secret: 's' }
  const { ask } = await sourceWith({ url: `${double.url}/people`, authentication: { oauth } })
  await ask()
  good = 2
  t.deepEqual(await Promise.all([ask(), ask(), ask()]), [{ grade: 7 }, { grade: 7 }, { grade: 7 }])
})

test('RFC 6749 §5.2: a token endpoint that refuses us or answers oddly is a fault of the source', async (t) => {
  const answers: [SourceAnswer, string, string][] = [
    [{ status: 401, body: '{"error":"invalid_client"}' }, 'token_refused', 'server_error'],
    [{ status: 503 }, 'token_refused', 'temporarily_unavailable'],
    [json({ access_token: 'x', token_type: 'mac' }), 'token_answer', 'server_error'],
    [{ type: 'text/html', body: '<p>' }, 'token_answer', 'server_error'],
  ]
  for (const [answer, reason, code] of answers) {
    const double = await startClaimSource()
    double.answer = () => answer
    const oauth = { token_endpoint: `${double.url}/token`, client_id: 'a', client_secret: 's' }
    const { ask } = await sourceWith({ retries: 0, url: `${double.url}/people`, authentication: { oauth } })
    const refusal = await refusalOf(ask())
    t.is(refusal.code, code as never)
    t.like(factsOf(refusal), { source: 'hr', reason })
  }
})

test('RFC 8705 §2: mutual TLS shows the source our certificate, and a stranger’s source is not believed', async (t) => {
  const authority = await pair('CN=Test CA')
  const [server, client] = [await pair('CN=localhost', authority), await pair('CN=claimgate', authority)]
  const double = await startClaimSource({ key: server.key, cert: server.cert, ca: authority.cert })
  double.answer = ({ certificate }) => (certificate === 'claimgate' ? json({ grade: 7 }) : { status: 403 })
  const mutual_tls = { certificate: client.cert, key: client.key }
  const ask = async (authentication: object) =>
    (await sourceWith({ url: `${double.url}/people`, authentication, retries: 0 })).ask()
  t.like(factsOf(await refusalOf(ask({ mutual_tls }))), { reason: 'tls' })
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), authority.cert])
  t.deepEqual(await ask({ mutual_tls }), { grade: 7 })
  t.like(factsOf(await refusalOf(ask({}))), { status: 403 })
})

type Pair = { key: string; cert: string; keys: webcrypto.CryptoKeyPair; name: string }
async function pair(name: string, authority?: Pair): Promise<Pair> {
  const keys = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const certificate = await x509.X509CertificateGenerator.create({
    subject: name,
    issuer: authority?.name ?? name,
    publicKey: keys.publicKey,
    signingKey: (authority ?? { keys }).keys.privateKey,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(authority === undefined, undefined, true),
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }]),
    ],
  })
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { key, cert: certificate.toString('pem'), keys, name }
}

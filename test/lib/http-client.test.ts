import 'reflect-metadata'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { type AddressInfo, connect, type Socket } from 'node:net'
import * as x509 from '@peculiar/x509'
import test from 'ava'
import { notPublic, rangesOf } from '../../src/lib/address-ranges.ts'
import { OutboundError } from '../../src/lib/exchange.ts'
import { makeFetch } from '../../src/lib/http-client.ts'

type Options = Parameters<typeof makeFetch>[0]

const server = http.createServer((request, response) => {
  if (request.url === '/elsewhere') return response.writeHead(302, { location: '/' }).end()
  if (request.url === '/large') return response.end(Buffer.alloc(200_000))
  if (request.url === '/slow') return response.writeHead(200).write('{')
  if (request.url === '/cut')
    return response.writeHead(200, { 'content-length': '9' }).write('{', () => request.socket.destroy())
  const { method, headers } = request
  request
    .setEncoding('utf8')
    .on('data', (body) => response.end(JSON.stringify({ method, body, type: headers['content-type'] })))
  if (method === 'GET') response.setHeader('set-cookie', ['a=1', 'b=2']).end('hello')
})
const start = async (listener: http.Server) => {
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  return (listener.address() as AddressInfo).port
}
const port = await start(server)
test.after.always(() => {
  server.close()
  server.closeAllConnections()
})

const loopback = ['127.0.0.0/8']
/** What a name resolves to, the next answer for each question. */
const answers = (...list: string[]): NonNullable<Options['lookup']> =>
  ((_name: string, _options: object, done: (error: null, addresses: object[]) => void) => {
    const address = list.length > 1 ? list.shift()! : list[0]!
    done(null, [{ address, family: address.includes(':') ? 6 : 4 }])
  }) as never
const refusal = async (url: string, options: Partial<Options> = {}) => {
  try {
    return (await makeFetch({ allowAddresses: [], timeoutSeconds: 2, ...options })(url)).status
  } catch (error) {
    return error instanceof OutboundError ? error.code : error
  }
}

test('RFC 9700 §4.15: private, loopback, link-local, shared, metadata, multicast and unspecified addresses are not public', (t) => {
  const inside = ['10.1.2.3', '172.31.0.1', '192.168.1.1', '127.0.0.1', '127.9.9.9', '169.254.169.254', '100.64.0.1']
  const odd = [
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::',
    '::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    'ff02::1',
  ]
  const disguised = [
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::10.0.0.1',
    '2002:7f00:1::',
    '::127.0.0.1',
    '64:ff9b::',
  ]
  for (const address of [...inside, ...odd, ...disguised]) t.true(notPublic.holds(address), address)
  for (const address of [
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '64:ff9b::808:0',
  ]) {
    t.false(notPublic.holds(address), address)
  }
})

test('a range is an address or CIDR, and nothing else', (t) => {
  t.true(rangesOf(['10.0.0.5']).holds('10.0.0.5'))
  t.false(rangesOf(['10.0.0.5']).holds('10.0.0.6'))
  t.true(rangesOf(['127.0.0.0/8']).holds('::ffff:127.0.0.1'))
  t.true(rangesOf(['fd00::/8']).holds('fd12::1'))
  for (const wrong of ['10.0.0.0/33', 'localhost', '10.0.0', 'fd00::/129', '10.0.0.0/x', ''])
    t.throws(() => rangesOf([wrong]), undefined, wrong)
})

test('RFC 9700 §4.15: an address in a URL, however it is written, is refused unless the platform allows it', async (t) => {
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254']) {
    t.is(await refusal(`http://${host}:${port}/`), 'address_refused', host)
    t.is(await refusal(`https://${host}:${port}/`), 'address_refused', host)
  }
  t.is(await refusal(`http://127.0.0.1:${port}/`, { allowAddresses: loopback }), 200)
})

test('RFC 9700 §4.15: a name is judged by the address that is connected to, at every call', async (t) => {
  t.is(await refusal(`http://idp.example:${port}/`, { lookup: answers('127.0.0.1') }), 'address_refused')
  t.is(await refusal(`https://idp.example:${port}/`, { lookup: answers('127.0.0.1') }), 'address_refused')
  const rebound = { allowAddresses: ['127.0.0.1'], lookup: answers('127.0.0.1', '127.0.0.2') }
  const fetch = makeFetch(rebound)
  t.is((await fetch(`http://idp.example:${port}/`)).status, 200)
  await t.throwsAsync(fetch(`http://idp.example:${port}/`), { message: `idp.example:${port}: address_refused` })
})

test('plain http is spoken to allowed addresses only, and nothing but http and https at all', async (t) => {
  t.is(await refusal('http://idp.example/', { lookup: answers('8.8.8.8') }), 'address_refused')
  for (const url of ['file:///etc/passwd', 'data:text/plain,x', 'ftp://idp.example/'])
    t.is(await refusal(url), 'address_refused')
})

test('a redirect is answered, not followed', async (t) => {
  t.is(await refusal(`http://127.0.0.1:${port}/elsewhere`, { allowAddresses: loopback }), 302)
})

test('method, headers and body arrive, and all headers come back', async (t) => {
  const fetch = makeFetch({ allowAddresses: loopback })
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) })
  t.deepEqual(await answer.json(), {
    method: 'POST',
    body: 'a=b',
    type: 'application/x-www-form-urlencoded;charset=UTF-8',
  })
  t.deepEqual((await fetch(`http://127.0.0.1:${port}/`)).headers.getSetCookie(), ['a=1', 'b=2'])
})

test('an answer that is too large, too slow or cut short is given up', async (t) => {
  const options = { allowAddresses: loopback, maxBytes: 100_000, timeoutSeconds: 1 }
  t.is(await refusal(`http://127.0.0.1:${port}/large`, options), 'too_large')
  t.is(await refusal(`http://127.0.0.1:${port}/slow`, options), 'timeout')
  t.is(await refusal(`http://127.0.0.1:${port}/cut`, options), 'unreachable')
})

test('the caller’s own signal ends a call with the caller’s reason', async (t) => {
  const calling = makeFetch({ allowAddresses: loopback })(`http://127.0.0.1:${port}/slow`, {
    signal: AbortSignal.timeout(100),
  })
  await t.throwsAsync(calling, { name: 'TimeoutError' })
})

test('a closed port, an unknown name and a stranger’s certificate are told apart', async (t) => {
  const closed = http.createServer()
  const gone = await start(closed)
  closed.close()
  t.is(await refusal(`http://127.0.0.1:${gone}/`, { allowAddresses: loopback }), 'unreachable')
  const unknown = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  const lookup = ((_name: string, _options: object, done: (error: Error) => void) => done(unknown)) as never
  t.is(await refusal('https://nope.example/', { lookup }), 'name_unknown')
  const secure = https.createServer(await selfSigned(), (_request, response) => response.end())
  t.is(await refusal(`https://localhost:${await start(secure)}/`, { allowAddresses: loopback }), 'tls')
  secure.close()
})

test('a proxy gets every call but those to the hosts left out, and no private address', async (t) => {
  const asked: string[] = []
  const relay = http.createServer()
  relay.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '')
    const onward = connect(securePort, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'))
    onward
      .on('error', () => client.destroy())
      .pipe(client)
      .on('error', () => onward.destroy())
      .pipe(onward)
  })
  const secure = https.createServer(await selfSigned(), (_request, response) => response.end())
  const securePort = await start(secure)
  const proxy = { url: `http://127.0.0.1:${await start(relay)}`, except: ['.inside.example'] }
  // The tunnel ends at a stranger's certificate: so it was TLS with the far end, not with the proxy.
  t.is(await refusal('https://idp.example/', { proxy, lookup: answers('8.8.8.8') }), 'tls')
  t.deepEqual(asked, ['idp.example:443'])
  t.is(await refusal('https://idp.example/', { proxy, lookup: answers('10.0.0.1') }), 'address_refused')
  t.is(await refusal('https://169.254.169.254/', { proxy }), 'address_refused')
  const direct = { proxy, allowAddresses: loopback, lookup: answers('127.0.0.1') }
  t.is(await refusal(`http://idp.inside.example:${port}/`, direct), 200)
  t.is(asked.length, 1)
  for (const listener of [relay, secure]) listener.close()
})

async function selfSigned() {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys,
    signingAlgorithm,
  })
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { key, cert: certificate.toString('pem') }
}

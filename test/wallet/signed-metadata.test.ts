import { X509Certificate } from 'node:crypto'
import test from 'ava'
import { decodeProtectedHeader, importX509, jwtVerify } from 'jose'
import { startTestNode } from '../support/node.ts'

const node = await startTestNode()
test.after.always(() => node.stop())
const identifier = node.identifierOf('staff')
const url = identifier.replace(node.url, `${node.url}/.well-known/openid-credential-issuer`)
const get = (headers: Record<string, string> = {}) => fetch(url, { headers })

test('VCI-25, HAIP-11: signed metadata has all members, and a chain that leads to the root without it', async (t) => {
  const answer = await get({ accept: 'application/jwt' })
  t.is(answer.status, 200)
  t.is(answer.headers.get('content-type')?.split(';')[0], 'application/jwt')
  const jwt = await answer.text()
  const { typ, alg, x5c = [] } = decodeProtectedHeader(jwt)
  t.is(typ, 'openidvci-issuer-metadata+jwt')
  t.is(alg, 'ES256')
  const pem = `-----BEGIN CERTIFICATE-----\n${x5c[0]}\n-----END CERTIFICATE-----`
  const { payload } = await jwtVerify(jwt, await importX509(pem, 'ES256'), { subject: identifier, issuer: identifier })
  const { iss, sub, iat, exp, ...members } = payload
  t.true(typeof iat === 'number' && Number(exp) > iat)
  t.deepEqual(members, (await (await get()).json()) as typeof members)

  const root = new X509Certificate(await (await fetch(`${identifier}/root.pem`)).text())
  const leaf = new X509Certificate(pem)
  t.is(x5c.length, 1)
  t.true(leaf.verify(root.publicKey))
  t.not(leaf.fingerprint256, root.fingerprint256)
  t.not(leaf.subject, leaf.issuer)
})

test('VCI-26: the JSON document has no signed_metadata', async (t) => {
  t.false(Object.hasOwn((await (await get()).json()) as object, 'signed_metadata'))
})

test('VCI-4: JSON is always to be had, and comes where nothing else is asked for', async (t) => {
  for (const accept of [
    'application/json',
    '*/*',
    'application/json, application/jwt;q=0.5',
    'text/html',
    'application/json; charset=UTF-8',
  ]) {
    const answer = await get({ accept })
    t.is(answer.status, 200, accept)
    t.is(answer.headers.get('content-type'), 'application/json', accept)
  }
  for (const accept of ['application/jwt', 'application/jwt, application/json;q=0.9'])
    t.is((await get({ accept })).headers.get('content-type')?.split(';')[0], 'application/jwt', accept)
})

test('VCI-4, RFC 9110 §12.5.5: caches are told what the answer depends on', async (t) => {
  t.regex((await get()).headers.get('vary') ?? '', /Accept, Accept-Language/)
})

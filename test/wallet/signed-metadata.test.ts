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

type Displayed = { display: { locale: string; name: string }[] }

test('VCI-5: in the language asked for, and it says which', async (t) => {
  const localesOf = async (language: string) => {
    const answer = await get({ 'accept-language': language })
    const { display } = (await answer.json()) as Displayed
    return [display.map(({ locale }) => locale), answer.headers.get('content-language')]
  }
  t.deepEqual(await localesOf('de'), [['de'], 'de'])
  t.deepEqual(await localesOf('de-AT, en;q=0.5'), [['de'], 'de'])
  t.deepEqual(await localesOf('fr, en;q=0.5'), [['en'], 'en'])
  t.deepEqual(await localesOf('fr'), [['en', 'de'], 'de, en'], 'what nobody speaks leaves all')
  t.deepEqual(await localesOf('*'), [['en', 'de'], 'de, en'])
})

test('VCI-5, VCI-22: credentials and claims are named in that language, too', async (t) => {
  const answer = await get({ 'accept-language': 'de' })
  const metadata = (await answer.json()) as {
    credential_configurations_supported: {
      EmployeeBadge: { credential_metadata: Displayed & { claims: Partial<Displayed>[] } }
    }
  }
  const { display, claims } = metadata.credential_configurations_supported.EmployeeBadge.credential_metadata
  t.deepEqual(display, [{ name: 'Dienstausweis', locale: 'de' }])
  t.deepEqual(claims[0]?.display, [{ name: 'Vorname', locale: 'de' }])
})

import 'reflect-metadata'
import { X509Certificate } from 'node:crypto'
import { X509Crl } from '@peculiar/x509'
import test from 'ava'
import { rotateKeys } from '../../src/administration/rotate-key.ts'
import { startTestNode } from '../support/node.ts'
import { hasOpenssl, verifyWithList } from '../support/openssl.ts'
import { rootOf } from '../support/read-sd-jwt.ts'

const node = await startTestNode()
test.after.always(() => node.stop())

const get = (issuer: string, headers: Record<string, string> = {}) =>
  fetch(`${node.identifierOf(issuer)}/crl`, { headers })
const listOf = async (issuer: string) => Buffer.from(await (await get(issuer)).arrayBuffer())
const leafOf = async (issuer: string) => {
  const { keys } = (await (await fetch(`${node.identifierOf(issuer)}/jwks`)).json()) as { keys: { x5c: string[] }[] }
  return new X509Certificate(Buffer.from(keys[0]!.x5c[0]!, 'base64'))
}

test.serial(
  'MDOC-8, RFC 5280 §5: what certificates name as their revocation list is one that programs may keep',
  async (t) => {
    const answer = await get('campus', { origin: 'https://verifier.example' })
    t.is(answer.status, 200)
    t.is(answer.headers.get('content-type'), 'application/pkix-crl')
    t.is(answer.headers.get('cache-control'), 'public, max-age=300')
    t.is(answer.headers.get('access-control-allow-origin'), '*')
    const again = await get('campus', { 'if-none-match': answer.headers.get('etag')!, 'cache-control': 'max-age=0' })
    t.is(again.status, 304)
    const list = new X509Crl(await listOf('campus'))
    t.deepEqual(list.entries, [])
    t.true(list.nextUpdate! > node.services.clock())
    const leaf = await leafOf('campus')
    t.regex(leaf.toString(), /BEGIN CERTIFICATE/)
    const points = leaf.raw.toString('latin1').match(/https?:\/\/[\w.:/-]+\/crl/)
    t.is(points?.[0], `${node.identifierOf('campus')}/crl`)
  },
)

test.serial(
  'MDOC-8, RFC 5280 §5.3.1: a compromised key is on the list at every issuer within two seconds, and every certificate it had',
  async (t) => {
    const leaf = await leafOf('campus')
    const root = await rootOf(node.identifierOf('campus'))
    if (hasOpenssl) t.true(verifyWithList(leaf.toString(), root, await listOf('staff')).isGood)
    const tenant = (await node.issuer('campus')).tenant
    await rotateKeys(node.services, tenant, { compromised: true })
    node.wait({ seconds: 2 })
    const list = new X509Crl(await listOf('staff'))
    t.is(list.findRevoked(leaf.serialNumber.toLowerCase())?.reason, 1)
    const next = await leafOf('campus')
    t.not(next.serialNumber, leaf.serialNumber)
    t.is(list.findRevoked(next.serialNumber.toLowerCase()), null)
    if (hasOpenssl) {
      const revoked = verifyWithList(leaf.toString(), root, await listOf('campus'))
      t.regex(revoked.said, /certificate revoked/)
      const sound = verifyWithList(next.toString(), root, await listOf('campus'))
      t.true(sound.isGood, sound.said)
    }
  },
)

test('RFC 5280 §5: an unknown issuer has no list', async (t) => {
  t.is((await get('unknown')).status, 404)
})

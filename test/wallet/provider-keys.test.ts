import test from 'ava'
import { makeProviderKeys } from '../../src/keys/provider-keys.ts'
import { startTestNode } from '../support/node.ts'

const node = await startTestNode()
test.after.always(() => node.stop())
const address = `${node.url}/test/callback/idp/jwks`

test('RFC 7517 §5: the keys that a tenant has at a provider are published for it, cacheable, to every origin, without their private halves', async (t) => {
  const response = await fetch(address, { headers: { origin: 'https://idp.example' } })
  t.is(response.status, 200)
  t.is(response.headers.get('access-control-allow-origin'), '*')
  t.regex(response.headers.get('cache-control') ?? '', /max-age=300/)
  const { keys } = (await response.json()) as { keys: Record<string, unknown>[] }
  t.deepEqual(
    keys.map(({ use, alg, kty }) => [use, alg, kty]),
    [
      ['sig', 'ES256', 'EC'],
      ['enc', 'RSA-OAEP-256', 'RSA'],
    ],
  )
  for (const key of keys) for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi']) t.false(member in key, member)
  t.deepEqual(await (await fetch(address)).json(), { keys })
  t.is((await fetch(`${node.url}/test/callback/nobody/jwks`)).status, 404)
  t.is((await fetch(`${node.url}/nobody/callback/idp/jwks`)).status, 404)
})

test('two nodes that make a key at the same moment end with one; other providers have others', async (t) => {
  const { tables, vault, clock } = node.services
  const [one, other] = [makeProviderKeys({ tables, vault, clock }), makeProviderKeys({ tables, vault, clock })]
  const made = await Promise.all([one, other, one, other].map((keys) => keys.get('tenant', 'raced', 'sig')))
  t.is(new Set(made.map(({ publicJwk }) => publicJwk.kid)).size, 1)
  t.deepEqual(made[0]?.privateJwk, made[1]?.privateJwk)
  const { publicJwk } = await one.get('tenant', 'another', 'sig')
  t.not(publicJwk.kid, made[0]?.publicJwk.kid)
  const stored = await tables.providerKeys.find('tenant', 'raced', 'sig')
  t.false(stored?.privateKeySealed.includes(String(made[0]?.privateJwk.d)) ?? true)
})

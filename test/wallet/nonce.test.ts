import test from 'ava'
import { makeKey } from '../../src/wallet/keys.ts'
import { startTestNode } from '../support/node.ts'
import { addOtherTenant } from '../support/other-tenant.ts'
import { isRefused } from '../support/refusals.ts'

const node = await startTestNode({ settings: { staff: { dpop: 'off' } } })
test.after.always(() => node.stop())

const campus = node.wallet('campus')
const redeemed = async () => campus.redeem((await node.offer()).code)

test('VCI-57, VCI-58: who asks gets a nonce, as JSON that nobody may cache', async (t) => {
  const answer = await fetch(`${node.identifierOf('campus')}/nonce`, { method: 'POST' })
  t.is(answer.status, 200)
  t.is(answer.headers.get('content-type'), 'application/json')
  t.is(answer.headers.get('cache-control'), 'no-store')
  const body = (await answer.json()) as Record<string, string>
  t.deepEqual(Object.keys(body), ['c_nonce'], 'VCI-60: nothing else is promised')
  t.true((body.c_nonce?.length ?? 0) > 40)
})

test('VCI-57: what comes with the request does not matter', async (t) => {
  for (const init of [
    { headers: { authorization: 'Bearer nonsense', 'content-type': 'application/json' }, body: '{"broken"' },
    { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=1&a=2' },
    { headers: { dpop: 'nonsense' } },
  ]) {
    t.is((await fetch(`${node.identifierOf('campus')}/nonce`, { method: 'POST', ...init })).status, 200)
  }
})

test('VCI-58: no two nonces are alike', async (t) => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => campus.nonce()))
  t.is(new Set(answers.map(({ body }) => body.c_nonce)).size, 20)
})

test('VCI-57: only POST is served', async (t) => {
  const answer = await fetch(`${node.identifierOf('campus')}/nonce`)
  t.is(answer.status, 405)
  t.is(answer.headers.get('allow'), 'POST')
  t.like(await answer.json(), { error: 'invalid_request' })
})

test('VCI-59, RFC 9449 §8.2: a DPoP nonce comes along, unless the issuer does not take DPoP', async (t) => {
  t.truthy((await campus.nonce()).headers.get('dpop-nonce'))
  t.is((await node.wallet('staff').nonce()).headers.get('dpop-nonce'), null)
})

test('VCI-58, VCI-60: a nonce is bound to no token, and its grant may use it again while it lives', async (t) => {
  const { c_nonce: nonce } = (await campus.nonce()).body
  const token = await redeemed()
  for (const keys of [[makeKey()], [makeKey(), makeKey()]])
    t.is((await campus.credential(token, { nonce, keys })).status, 200)
})

test('VCI-60, VCI-79: a nonce that one grant used is refused to every other', async (t) => {
  const { c_nonce: nonce } = (await campus.nonce()).body
  const [first, second] = [await redeemed(), await redeemed()]
  t.is((await campus.credential(first, { nonce })).status, 200)
  isRefused(t, await campus.credential(second, { nonce }), 'invalid_nonce')
  t.is((await campus.credential(second)).status, 200, 'with a new one all is well')
})

test('VCI-79: of two grants that use one nonce at once, one is refused', async (t) => {
  const { c_nonce: nonce } = (await campus.nonce()).body
  const tokens = [await redeemed(), await redeemed(), await redeemed()]
  const answers = await Promise.all(tokens.map((token) => campus.credential(token, { nonce })))
  t.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 400, 400])
})

test('VCI-79, VCI-80: a nonce of another issuer, tenant or purpose, or of nobody, is invalid_nonce', async (t) => {
  const other = await addOtherTenant(node)
  const mine = (await campus.nonce()).body.c_nonce
  const nonces = {
    'of another issuer': (await node.wallet('registry').nonce()).body.c_nonce,
    'of another tenant': (await other.wallet('campus').nonce()).body.c_nonce,
    'for DPoP': (await campus.nonce()).headers.get('dpop-nonce') ?? '',
    changed: mine.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    'with a blank': `${mine} `,
    'made up': crypto.randomUUID(),
  }
  const token = await redeemed()
  for (const [name, nonce] of Object.entries(nonces))
    isRefused(t, await campus.credential(token, { nonce }), 'invalid_nonce', name)
  t.is((await campus.credential(token, { nonce: mine })).status, 200, 'none of them cost anything')
})

test('VCI-60, VCI-79: a nonce is over after five minutes', async (t) => {
  const aged = await startTestNode({ identityProvider: node.identityProvider })
  t.teardown(() => aged.stop())
  const wallet = aged.wallet('campus')
  const [early, late] = [await aged.offer(), await aged.offer()]
  const [first, second] = [(await wallet.nonce()).body.c_nonce, (await wallet.nonce()).body.c_nonce]
  aged.wait({ seconds: 290 })
  t.is((await wallet.credential(await wallet.redeem(early.code), { nonce: first })).status, 200)
  aged.wait({ seconds: 11 })
  isRefused(t, await wallet.credential(await wallet.redeem(late.code), { nonce: second }), 'invalid_nonce')
})

import { join } from 'node:path'
import test from 'ava'
import { startTestNode } from '../support/node.ts'
import { isRefused } from '../support/refusals.ts'

const node = await startTestNode({ tenantFile: join(import.meta.dirname, '../support/fixtures/grant-life.yaml') })
test.after.always(() => node.stop())

async function claimed(dpop = true) {
  const wallet = node.wallet('renewing', { dpop })
  return { wallet, token: await wallet.redeem(await wallet.signIn()) }
}

test('RFC 7009 §2, RFC 8414 §2: the endpoint is in the metadata, with how clients authenticate', async (t) => {
  const { authorizationServer } = await node.wallet('renewing').metadata()
  t.is(authorizationServer.revocation_endpoint, `${node.identifierOf('renewing')}/revoke`)
  t.deepEqual(authorizationServer.revocation_endpoint_auth_methods_supported, ['none'])
})

test('RFC 7009 §2.1: revoking a refresh token ends all that its grant yielded, and again is no mistake', async (t) => {
  const { wallet, token } = await claimed()
  const fresh = await wallet.refresh(token)
  for (const _ of [1, 2]) {
    const answer = await wallet.revoke(token.body.refresh_token, { token_type_hint: 'refresh_token' })
    t.is(answer.status, 200)
    t.is(answer.text, '')
    t.is(answer.headers.get('cache-control'), 'no-store')
  }
  isRefused(t, await wallet.refresh(token), 'invalid_grant')
  for (const one of [token, fresh]) t.is((await wallet.credential(one)).status, 401)
  const { tables } = node.services
  const issuer = await node.issuer('renewing')
  const { sessionId } = (await node.services.database
    .db('grants')
    .whereNotNull('ended_at')
    .orderBy('id', 'desc')
    .first('session_id as sessionId')) as { sessionId: string }
  const types = (await tables.events.listOfSession(issuer, sessionId)).map(({ type }) => type)
  t.is(types.filter((type) => type === 'grant.revoked').length, 1)
})

test('RFC 7009 §2.1: revoking an access token ends that one, whatever the hint says', async (t) => {
  const { wallet, token } = await claimed()
  t.is((await wallet.revoke(token.body.access_token, { token_type_hint: 'refresh_token' })).status, 200)
  t.is((await wallet.credential(token)).status, 401)
  t.is((await wallet.credential(await wallet.refresh(token))).status, 200)
})

test('RFC 7009 §2.2: a token that nobody knows is revoked already', async (t) => {
  const wallet = node.wallet('renewing')
  for (const unknown of ['x', 'x'.repeat(43), '__proto__']) t.is((await wallet.revoke(unknown)).status, 200)
  t.is((await wallet.revoke('x', { token_type_hint: 'of another kind' })).status, 200)
  const { token } = await claimed()
  const elsewhere = { url: `${node.identifierOf('waiting')}/revoke` }
  t.is((await wallet.revoke(token.body.refresh_token, {}, elsewhere)).status, 200, 'and of another issuer, unknown')
  t.is((await wallet.revoke(token.body.access_token, {}, { url: `${node.identifierOf('plain')}/revoke` })).status, 200)
})

test('RFC 7009 §2.1: another client, or another key, revokes nothing', async (t) => {
  const { wallet, token } = await claimed()
  const { refresh_token: secret } = token.body
  isRefused(t, await wallet.revoke(secret, { client_id: 'another' }), 'invalid_grant')
  isRefused(t, await node.wallet('renewing', { dpop: true }).revoke(secret), 'invalid_grant', 'another DPoP key')
  t.is((await wallet.refresh(token)).status, 200)
  t.is((await node.wallet('renewing').revoke(secret)).status, 200, 'a proof is not asked for')
  isRefused(t, await wallet.refresh(token), 'invalid_grant')
})

test('RFC 7009 §2.1: a request without a token, or no form, is invalid', async (t) => {
  const wallet = node.wallet('renewing')
  isRefused(t, await wallet.revoke('x', { token: undefined }), 'invalid_request')
  isRefused(t, await wallet.revoke('x', { token: '' }), 'invalid_request')
  isRefused(t, await wallet.revoke('x', {}, { headers: { 'content-type': 'application/json' } }), 'invalid_request')
  isRefused(t, await wallet.revoke('x', {}, { raw: 'token=x&token=y' }), 'invalid_request')
})

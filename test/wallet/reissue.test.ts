import { join } from 'node:path'
import test from 'ava'
import { makeKey } from '../../src/wallet/keys.ts'
import { startTestNode } from '../support/node.ts'
import { isRefused } from '../support/refusals.ts'

const tenantFile = join(import.meta.dirname, '../support/fixtures/grant-life.yaml')
const node = await startTestNode({ tenantFile, settings: { renewing: { reissued_copies: 'revoke' } } })
test.after.always(() => node.stop())

const { db } = node.services.database
type Copy = { status: number; status_list: string; status_index: number }

/** A wallet that holds two copies of a credential. */
async function issued(issuer: string) {
  const wallet = node.wallet(issuer, { dpop: true })
  const { code } = await node.offer({ issuer, configuration: 'TransitPass' })
  const token = await wallet.redeem(code)
  const ask = (by = token) => wallet.credential(by, { configurationId: 'TransitPass', keys: [makeKey(), makeKey()] })
  const answer = await ask()
  const id = String(token.body.authorization_details[0]!.credential_identifiers[0]).replace('crd_', '')
  const copies = async (): Promise<Copy[]> => db('copies').where({ credential_id: id }).orderBy('id')
  return { wallet, token, answer, ask, id, copies }
}
const values = (copies: Copy[]) => copies.map(({ status }) => status)

test('VCI-71, VCI-126: copies of earlier tokens are revoked when a refreshed one fetches new ones, if the issuer wants that', async (t) => {
  const { wallet, token, ask, id, copies } = await issued('renewing')
  t.is((await ask()).status, 200)
  t.deepEqual(values(await copies()), [0, 0, 0, 0], 'copies of one token live side by side')
  const fresh = await wallet.refresh(token)
  t.is((await ask(fresh)).status, 200)
  t.deepEqual(values(await copies()), [1, 1, 1, 1, 0, 0])
  t.is((await ask(fresh)).status, 200)
  t.deepEqual(values(await copies()), [1, 1, 1, 1, 0, 0, 0, 0])
  const { session_id } = await db('credentials').where({ id }).first('session_id')
  const events = await node.services.tables.events.listOfSession(await node.issuer('renewing'), session_id)
  t.deepEqual(
    events.filter(({ type }) => type === 'credential.status_changed').map(({ details }) => details),
    [{ credential: id, status: 'invalid', reason: 'reissued', copies: 4 }],
  )
})

test('VCI-71: earlier copies stay valid unless the issuer wants it otherwise', async (t) => {
  const { wallet, token, ask, copies } = await issued('waiting')
  t.is((await ask(await wallet.refresh(token))).status, 200)
  t.deepEqual(values(await copies()), [0, 0, 0, 0])
})

test('HAIP-29: every copy has a place of its own in a status list, also when it is issued anew', async (t) => {
  const { wallet, token, ask, copies } = await issued('renewing')
  await ask(await wallet.refresh(token))
  const places = (await copies()).map(({ status_list, status_index }) => `${status_list} ${status_index}`)
  t.is(new Set(places).size, 4)
  for (const place of places) t.regex(place, /^[0-9a-f-]{36} \d+$/)
})

test('VCI-79: of a credential that is suspended or revoked there are no new copies', async (t) => {
  for (const status of ['suspended', 'invalid']) {
    const { ask, id, copies } = await issued('renewing')
    await db('credentials').where({ id }).update({ status })
    isRefused(t, await ask(), 'credential_request_denied', status)
    t.is((await copies()).length, 2, 'nothing is recorded')
  }
})

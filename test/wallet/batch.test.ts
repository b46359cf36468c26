import { join } from 'node:path'
import test from 'ava'
import { makeKey } from '../../src/wallet/keys.ts'
import { startTestNode } from '../support/node.ts'
import { readSdJwt, rootOf } from '../support/read-sd-jwt.ts'
import { isRefused } from '../support/refusals.ts'

const node = await startTestNode({ tenantFile: join(import.meta.dirname, '../support/fixtures/grant-life.yaml') })
test.after.always(() => node.stop())

const keysOf = (count: number) => Array.from({ length: count }, () => makeKey())
const configuration = ['StudentCard', 'TransitPass']

test('VCI-14: batch_size is the most that any of the configurations gives', async (t) => {
  const sizeAt = async (issuer: string) => (await node.wallet(issuer).metadata()).issuer.batch_credential_issuance
  t.deepEqual(await sizeAt('renewing'), { batch_size: 4 }, 'TransitPass gives what the issuer does')
  t.deepEqual(await sizeAt('plain'), { batch_size: 2 }, 'there is only StudentCard')
})

test('VCI-72, VCI-69: a configuration may give fewer copies than keys were shown, each for a key of its own', async (t) => {
  const issuer = node.identifierOf('renewing')
  const wallet = node.wallet('renewing')
  const token = await wallet.redeem((await node.offer({ issuer: 'renewing', configuration })).code)
  const keys = keysOf(4)
  const fewer = await wallet.credential(token, { configurationId: 'StudentCard', keys })
  t.is(fewer.status, 200, fewer.text)
  t.is(fewer.body.credentials.length, 2)
  const root = await rootOf(issuer)
  for (const [at, { credential }] of fewer.body.credentials.entries()) {
    const { claims } = await readSdJwt(credential, { root, issuer })
    t.deepEqual(claims.cnf, { jwk: keys[at]!.jwk })
  }
  const all = await wallet.credential(token, { configurationId: 'TransitPass', keys })
  t.is(all.body.credentials.length, 4)
  isRefused(t, await wallet.credential(token, { configurationId: 'TransitPass', keys: keysOf(5) }), 'invalid_proof')
})

test('VCI-71, VCI-52, VCI-94: a refreshed token makes new copies of the same credential, though the wallet never said a word', async (t) => {
  const wallet = node.wallet('renewing', { dpop: true })
  const token = await wallet.redeem((await node.offer({ issuer: 'renewing', configuration })).code)
  await wallet.credential(token, { keys: keysOf(2) })
  const again = await wallet.credential(await wallet.refresh(token), { keys: keysOf(2) })
  t.is(again.body.credentials.length, 2)
  const [id] = token.body.authorization_details[0]!.credential_identifiers
  const { tables } = node.services
  t.is(await tables.credentials.countCopies(await node.issuer('renewing'), String(id).replace('crd_', '')), 4)
})

import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import test from 'ava'
import fc from 'fast-check'
import { hmac } from '../../src/lib/secrets.ts'
import type { Database } from '../../src/store/database.ts'
import { makeVault } from '../../src/store/sealed.ts'
import { opened, secret, sharedDatabases, startStoreProcess } from '../support/store-process.ts'

const list = { '0001-tenants': () => import('../../src/store/migrations/0001-tenants.ts') }
const databases = sharedDatabases(list)
const other = Buffer.alloc(32, 8)
const place = { table: 'offers', column: 'code_sealed', row: 'row 1' }

let now = new Date('2026-11-24T12:00:00Z')
const vaultOf = (database: Database, key = secret, previousSecret?: Buffer) =>
  makeVault({ database, secret: key, previousSecret, random: randomBytes, clock: () => now })

for (const { name, url } of databases) {
  test(`${name}: what was sealed opens at its place, on another node too, and nowhere else`, async (t) => {
    const database = await opened(t, await url())
    const sealer = await vaultOf(database).of('tenant a')
    const sealed = sealer.seal(place, 'a code')
    t.notRegex(sealed.toString('latin1'), /a code/)
    t.notDeepEqual(sealer.seal(place, 'a code'), sealed)
    const there = await vaultOf(database).of('tenant a')
    t.is(there.open(place, sealed).toString(), 'a code')
    const elsewhere = [{ table: 'grants' }, { column: 'handle_sealed' }, { row: 'row 2' }]
    for (const moved of elsewhere)
      t.throws(() => there.open({ ...place, ...moved }, sealed), { message: /does not open/ })
    const stranger = await vaultOf(database).of('tenant b')
    t.throws(() => stranger.open(place, sealed), { message: 'A sealed value of offers.code_sealed does not open' })
  })

  test(`${name}: two nodes that race for a tenant's first keys get the same ones`, async (t) => {
    const at = await url()
    const database = await opened(t, at)
    const processes = await Promise.all([1, 2, 3].map(() => startStoreProcess(t, at, 'vault')))
    const indices = await Promise.all(processes.map((node) => node.do('a tenant')))
    t.is(new Set(indices).size, 1)
    t.regex(indices[0] ?? '', /^[A-Za-z0-9_-]{43}$/)
    t.is((await database.db('data_keys').where({ tenant_id: 'a tenant' })).length, 3)
  })

  test(`${name}: a rotated secret opens what the one before sealed, and after rewrapping that one can go`, async (t) => {
    const [own] = sharedDatabases(list).filter((kind) => kind.name === name)
    const database = await opened(t, (await own?.url()) ?? '')
    const before = await vaultOf(database).of('a')
    await vaultOf(database).of('never used again')
    const sealed = before.seal(place, 'a code')
    const mac = before.mac('tx_code', 'offer 1', '0042')

    await t.throwsAsync(vaultOf(database, other).of('a'), { message: /CLAIMGATE_SECRET/ })
    const rotating = vaultOf(database, other, secret)
    t.is((await rotating.of('a')).open(place, sealed).toString(), 'a code')
    await t.throwsAsync(vaultOf(database, other).of('never used again'), { message: /CLAIMGATE_SECRET/ })
    t.is(await rotating.rewrap(), 3)
    t.is(await rotating.rewrap(), 0)

    const after = await vaultOf(database, other).of('a')
    t.is(after.open(place, sealed).toString(), 'a code')
    t.is(after.index('alice'), before.index('alice'))
    t.true(after.isMac(mac, 'tx_code', 'offer 1', '0042'))
    await t.notThrowsAsync(vaultOf(database, other).of('never used again'))
    await t.throwsAsync(vaultOf(database).of('a'), { message: /CLAIMGATE_SECRET/ })
  })

  test(`${name}: a wrapped key that was put in another's row does not open`, async (t) => {
    const database = await opened(t, await url())
    await vaultOf(database).of('robber')
    await vaultOf(database).of('robbed')
    const { wrapped } = await database.db('data_keys').where({ tenant_id: 'robber', purpose: 'seal' }).first()
    await database.db('data_keys').where({ tenant_id: 'robbed', purpose: 'seal' }).update({ wrapped })
    await t.throwsAsync(vaultOf(database).of('robbed'), { message: /CLAIMGATE_SECRET/ })
  })
}

const { url } = databases[0] as (typeof databases)[number]

test('a sealed value with any bit changed, cut short or drawn out does not open', async (t) => {
  const database = await opened(t, await url())
  const sealer = await vaultOf(database).of('')
  const sealed = sealer.seal(place, 'a code')
  const flipped = Array.from({ length: sealed.length * 8 }, (_, bit) => {
    const changed = Buffer.from(sealed)
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    return changed
  })
  const cut = Array.from(sealed, (_, end) => sealed.subarray(0, end))
  const opening = [...flipped, ...cut, Buffer.concat([sealed, Buffer.alloc(1)])].filter((changed) => {
    try {
      return sealer.open(place, changed)
    } catch {
      return false
    }
  })
  t.deepEqual(opening, [])
  t.throws(() => sealer.open(place, flipped[0] as Buffer), { message: /does not open/ })
})

test('whatever is sealed comes out, byte by byte', async (t) => {
  const database = await opened(t, await url())
  const sealer = await vaultOf(database).of('')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }), (bytes, row) => {
      const where = { ...place, row }
      return sealer.open(where, sealer.seal(where, Buffer.from(bytes))).equals(bytes)
    }),
  )
  t.is(sealer.open(place, sealer.seal(place, 'Zoë 🪪')).toString(), 'Zoë 🪪')
})

test('VCI-121: the MAC of a PIN is bound to its offer, its purpose and its tenant, and says its version and key', async (t) => {
  const database = await opened(t, await url())
  const sealer = await vaultOf(database).of('a')
  const mac = sealer.mac('tx_code', 'offer 1', '0042')
  t.regex(mac, /^v1\.1\.[A-Za-z0-9_-]{43}$/)
  t.true(sealer.isMac(mac, 'tx_code', 'offer 1', '0042'))
  t.false(sealer.isMac(mac, 'tx_code', 'offer 1', '42'))
  t.false(sealer.isMac(mac, 'tx_code', 'offer 2', '0042'))
  t.false(sealer.isMac(mac, 'tx_code', 'offer 10042'))
  t.false(sealer.isMac(mac, 'nonce', 'offer 1', '0042'))
  t.false(sealer.isMac(mac.replace('v1', 'v2'), 'tx_code', 'offer 1', '0042'))
  t.false(sealer.isMac(mac.replace('.1.', '.9.'), 'tx_code', 'offer 1', '0042'))
  t.false(sealer.isMac('', 'tx_code', 'offer 1', '0042'))
  t.false((await vaultOf(database).of('b')).isMac(mac, 'tx_code', 'offer 1', '0042'))
})

test('the key for nonces is the same on every node, and not the key of the MACs', async (t) => {
  const database = await opened(t, await url())
  const [one, two] = [await vaultOf(database).of(''), await vaultOf(database).of('')]
  t.is(one.macKey.keyId, two.macKey.keyId)
  t.true(one.macKey.key.equals(two.macKey.key))
  t.true(one.keys(one.macKey.keyId)?.equals(one.macKey.key))
  t.is(one.keys('9'), undefined)
  const mac = hmac(one.macKey.key, JSON.stringify(['', 'nonce', 'text'])).toString('base64url')
  t.false(one.isMac(`v1.1.${mac}`, 'nonce', 'text'))
})

test('no key lies in the database in clear, and a short secret is refused', async (t) => {
  const database = await opened(t, await url())
  await vaultOf(database).of('wrapped')
  const wrapped: Buffer[] = await database.db('data_keys').where({ tenant_id: 'wrapped' }).pluck('wrapped')
  t.is(new Set(wrapped.map((key) => key.toString('hex'))).size, 3)
  for (const key of wrapped) t.is(key.length, 1 + 12 + 32 + 16)
  t.throws(() => vaultOf(database, Buffer.alloc(31)), { message: /CLAIMGATE_SECRET/ })
})

test('a tenant whose keys were deleted is forgotten by every node, and an outage stops none that has the keys', async (t) => {
  const database = await opened(t, await url())
  const vault = vaultOf(database)
  const before = await vault.of('deleted')
  const sealed = before.seal(place, 'a code')
  await database.db('data_keys').where({ tenant_id: 'deleted' }).delete()
  now = new Date(now.getTime() + 31_000)
  t.is(await vault.of('deleted'), before, 'the keys are read again behind the caller')
  for (let time = 0; time < 200 && (await vault.of('deleted')) === before; time++) await pause(10)
  const fresh = await vault.of('deleted')
  t.throws(() => fresh.open(place, sealed), { message: /does not open/ })

  await database.close()
  now = new Date(now.getTime() + 31_000)
  t.is(await vault.of('deleted'), fresh)
  await pause(50)
  t.is(await vault.of('deleted'), fresh)
})

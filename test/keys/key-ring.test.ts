import 'reflect-metadata'
import { createPublicKey, verify, X509Certificate } from 'node:crypto'
import { X509Certificate as Certificate, ExtendedKeyUsageExtension } from '@peculiar/x509'
import test, { type ExecutionContext } from 'ava'
import { makeKeyRing } from '../../src/keys/key-ring.ts'
import type { SigningAlgorithm } from '../../src/keys/signer.ts'
import { makeRandom } from '../../src/lib/random.ts'
import type { LiveConfiguration, LiveIssuer, LiveTenant } from '../../src/model/live.ts'
import { tablesOver } from '../../src/store/index.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { makeVault } from '../../src/store/sealed.ts'
import { databases } from '../support/databases.ts'
import { opened } from '../support/store-process.ts'

const secret = Buffer.alloc(32, 7)
const dayMs = 86_400_000

type Wish = { key?: string; algorithm?: SigningAlgorithm; format?: string; validFor?: string }

/** A tenant as far as keys look at it. */
function tenantWith(
  id: string,
  wishes: Wish[],
  {
    version = 1,
    issuers = ['https://id.example/acme/staff'],
    country,
  }: { version?: number; issuers?: string[]; country?: string } = {},
): LiveTenant {
  const configurations = new Map(
    wishes.map(({ key = 'default', algorithm = 'ES256', format = 'dc+sd-jwt', validFor = 'P90D' }, at) => [
      String(at),
      { signing_key: key, signing_algorithm: algorithm, format, valid_for: validFor } as LiveConfiguration,
    ]),
  )
  const live = issuers.map(
    (identifier) => [identifier, { identifier, configurations } as unknown as LiveIssuer] as const,
  )
  const settings = { display: [{ name: 'ACME' }], ...(country && { country }) } as LiveTenant['settings']
  return { id, name: id, configurationVersion: version, settings, issuers: new Map(live) } as unknown as LiveTenant
}

const certificateOf = ({ certificateChain }: { certificateChain: string[] }) =>
  Buffer.from(certificateChain[0]!, 'base64')

for (const { name: on, url } of databases) {
  /** Two nodes over one database. */
  async function start(t: ExecutionContext) {
    let now = Date.now()
    const at = await url()
    const nodes = []
    for (let i = 0; i < 2; i++) {
      const database = await opened(t, at)
      await database.migrate(migrations)
      const tables = tablesOver((question, options) => database.ask(question, options))
      const [clock, random] = [() => new Date(now), makeRandom()]
      const vault = makeVault({ database, secret, random, clock })
      nodes.push({ tables, database, ring: makeKeyRing({ tables, vault, clock, random }) })
    }
    const wait = (ms: number) => {
      now += ms
    }
    return { one: nodes[0]!, other: nodes[1]!, wait }
  }

  test(`VCI-19: each configuration has the key and the algorithm that it names, and metadata the default key [${on}]`, async (t) => {
    const { one } = await start(t)
    const wishes: Wish[] = [{}, { algorithm: 'ES384' }, { key: 'archive', algorithm: 'EdDSA' }, { key: 'archive' }]
    const keys = await one.ring.of(tenantWith('acme', wishes))
    const seen = new Set<string>()
    for (const { key = 'default', algorithm = 'ES256' } of wishes) {
      const signer = keys.signerFor({ name: key, algorithm, format: 'dc+sd-jwt' })
      t.is(signer.algorithm, algorithm)
      seen.add(signer.keyId)
      const shown = keys.jwks.find(({ kid }) => kid === signer.keyId)!
      t.like(shown, { use: 'sig', alg: algorithm, x5c: signer.certificateChain })
      const digest = { ES256: 'sha256', ES384: 'sha384', EdDSA: null }[algorithm]
      const publicKey = { key: createPublicKey({ key: shown, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const }
      t.true(verify(digest, Buffer.from('text'), publicKey, await signer.sign(Buffer.from('text'))))
      t.true(new X509Certificate(certificateOf(signer)).verify(new X509Certificate(keys.root).publicKey))
    }
    t.is(seen.size, 4)
    t.is(keys.jwks.length, 4)
    for (const format of ['metadata', 'status-list'])
      t.true(seen.has(keys.signerFor({ name: 'default', algorithm: 'ES256', format }).keyId))
    t.throws(() => keys.signerFor({ name: 'archive', algorithm: 'ES384', format: 'dc+sd-jwt' }))
  })

  test(`two nodes that need keys at once end with one root, one generation and one certificate of each [${on}]`, async (t) => {
    const { one, other } = await start(t)
    const tenant = tenantWith('acme', [{ algorithm: 'ES384' }, { format: 'mso_mdoc' }])
    const [here, there] = await Promise.all([one.ring.of(tenant), other.ring.of(tenant)])
    t.deepEqual(here.root, there.root)
    t.deepEqual(here.jwks, there.jwks)
    const stored = await one.tables.signingKeys.load('acme')
    t.deepEqual(
      stored.keys.map(({ algorithm, generation }) => `${algorithm} ${generation}`),
      ['ES256 1', 'ES384 1'],
    )
    t.is(stored.certificates.length, 3)
  })

  test(`MDOC-8: an mdoc is signed with the same key, under a certificate of its own profile [${on}]`, async (t) => {
    const { one } = await start(t)
    const keys = await one.ring.of(tenantWith('acme', [{}, { format: 'mso_mdoc' }], { country: 'SE' }))
    const [jws, mdoc] = ['dc+sd-jwt', 'mso_mdoc'].map((format) =>
      keys.signerFor({ name: 'default', algorithm: 'ES256', format }),
    )
    t.is(jws!.keyId, mdoc!.keyId)
    t.is(keys.jwks.length, 1)
    t.is(new Certificate(certificateOf(jws!)).getExtension(ExtendedKeyUsageExtension), null)
    const leaf = new Certificate(certificateOf(mdoc!))
    t.deepEqual([...leaf.getExtension(ExtendedKeyUsageExtension)!.usages], ['1.0.18013.5.1.2'])
    t.deepEqual(leaf.subjectName.toJSON()[0], { C: ['SE'] })
    t.deepEqual(new Certificate(keys.root).subjectName.toJSON()[0], { C: ['SE'] })
    t.regex(Buffer.from(leaf.rawData).toString('latin1'), /https:\/\/id\.example\/acme\/staff\/crl/)
  })

  test(`VCI-125: what certificates say is renewed with the configuration, by two nodes at once, for the same keys and root [${on}]`, async (t) => {
    const { one, other } = await start(t)
    const wishes: Wish[] = [{}, { format: 'mso_mdoc', algorithm: 'ES384' }]
    const before = await one.ring.of(tenantWith('acme', wishes))
    const issuers = ['https://id.example/acme/staff', 'https://new.example/acme']
    const more = tenantWith('acme', wishes, { version: 2, issuers })
    const [here, there] = await Promise.all([one.ring.of(more), other.ring.of(more)])
    t.deepEqual(here.jwks, there.jwks)
    t.deepEqual(here.root, before.root)
    t.deepEqual(
      here.jwks.map(({ kid }) => kid),
      before.jwks.map(({ kid }) => kid),
    )
    for (const [algorithm, format] of [
      ['ES256', 'dc+sd-jwt'],
      ['ES384', 'mso_mdoc'],
    ] as const) {
      const use = { name: 'default', algorithm, format }
      t.truthy(new X509Certificate(certificateOf(here.signerFor(use))).checkHost('new.example'))
      t.is(new X509Certificate(certificateOf(before.signerFor(use))).checkHost('new.example'), undefined)
    }
    const { certificates } = await one.tables.signingKeys.load('acme')
    t.deepEqual(certificates.map(({ sequence }) => sequence).toSorted(), [1, 1, 1, 2, 2, 2])
    const again = await one.ring.of(tenantWith('acme', wishes, { version: 3, issuers }))
    t.deepEqual(again.jwks, here.jwks, 'nothing has changed')
  })

  test(`MDOC-5: a certificate is renewed while what is signed under it still ends before it does [${on}]`, async (t) => {
    const { one, wait } = await start(t)
    const tenant = tenantWith('acme', [{ validFor: 'P365D' }, { validFor: 'P365D', format: 'mso_mdoc' }])
    const use = { name: 'default', algorithm: 'ES256' as const, format: 'mso_mdoc' }
    const endOf = async () => new X509Certificate(certificateOf((await one.ring.of(tenant)).signerFor(use))).validToDate
    const first = await endOf()
    wait(30 * dayMs)
    t.deepEqual(await endOf(), first)
    wait(60 * dayMs)
    t.true((await endOf()) > first)
  })

  test(`a key of the version before is the first generation of the default key, with its certificate [${on}]`, async (t) => {
    const { one, other } = await start(t)
    const tenant = tenantWith('acme', [{}])
    const before = await one.ring.of(tenant)
    const { root, keys, certificates } = await one.tables.signingKeys.load('acme')
    const { db } = one.database
    // As it was: the row of the signer had its certificate, and there was no other table.
    const [{ certificate }, sealed] = [certificates[0]!, keys[0]!.privateKeySealed]
    t.truthy(root && sealed.length)
    await db('signing_certificates').where({ tenant_id: 'acme' }).delete()
    await db.schema.alterTable('signing_keys', (table) => {
      table.dropUnique([], 'signing_keys_generation_unique')
    })
    await db('signing_keys')
      .where({ tenant_id: 'acme', id: keys[0]!.id })
      .update({ id: 'signer-1', name: '', generation: 0, activates_at: 0, certificate })
    const migration = await migrations['0007-signing-keys']!()
    await migration.up(db)
    await migration.up(db) // a node may be killed before it is noted
    const after = await other.tables.signingKeys.load('acme')
    t.like(after.keys[0], { id: 'signer-1', name: 'default', algorithm: 'ES256', generation: 1 })
    t.deepEqual(after.keys[0]!.activatesAt, after.keys[0]!.createdAt)
    t.is(after.certificates[0]?.serial, certificates[0]!.serial)
    t.is(after.keys.length, 1)
    t.is(before.jwks.length, 1)
  })
}

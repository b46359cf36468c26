import { X509Certificate } from 'node:crypto'
import type { Knex } from 'knex'
import { insertOnce } from '../database.ts'
import { create, id, json, moment } from './shape.ts'

const table = 'signing_keys'
const columns: Record<string, (table: Knex.CreateTableBuilder) => unknown> = {
  // The root has no name. A signer is one of the generations of the key (name, algorithm).
  name: (made) => made.string('name', 63).notNullable().defaultTo(''),
  generation: (made) => made.integer('generation').notNullable().defaultTo(0),
  activates_at: (made) => moment(made, 'activates_at').notNullable().defaultTo(0),
  longest_seconds: (made) => made.bigInteger('longest_seconds').notNullable().defaultTo(0),
  revoked_at: (made) => moment(made, 'revoked_at'),
}
const unique = 'signing_keys_generation_unique'

async function hasIndex(knex: Knex): Promise<boolean> {
  const [sql, at] =
    knex.client.dialect === 'mysql'
      ? ['SELECT 1 FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name = ?', 0]
      : ["SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", undefined]
  const answer = await knex.raw(sql, [unique])
  return (at === undefined ? answer : answer[at]).length > 0
}

/**
 * Several keys for a tenant, each in generations; two nodes that make one at once end with one. Signers have their certificates in a
 * table of its own, for one key has several, and none is forgotten: it may have to be revoked.
 */
export async function up(knex: Knex): Promise<void> {
  for (const [name, add] of Object.entries(columns)) {
    if (await knex.schema.hasColumn(table, name)) continue
    await knex.schema.alterTable(table, (made) => {
      add(made)
    })
  }
  await create(knex, 'signing_certificates', (made) => {
    id(made, 'tenant_id').notNullable()
    id(made, 'key_id').notNullable()
    made.string('profile', 10).notNullable()
    made.integer('sequence').notNullable()
    made.string('serial', 64).notNullable()
    made.binary('certificate').notNullable()
    json(made, 'terms').notNullable() // what it says, to see when that changes
    moment(made, 'not_after').notNullable()
    moment(made, 'created_at').notNullable()
    made.primary(['tenant_id', 'key_id', 'profile', 'sequence'])
  })
  const first = { name: 'default', generation: 1, activates_at: knex.ref('created_at'), longest_seconds: 0 }
  await knex(table).where({ id: 'signer-1', generation: 0 }).update(first)
  for (const row of await knex(table).where({ id: 'signer-1' })) {
    const certificate = Buffer.from(row.certificate)
    if (certificate.length === 0) continue
    await insertOnce(knex, 'signing_certificates', {
      tenant_id: row.tenant_id,
      key_id: row.id,
      profile: 'general',
      sequence: 1,
      serial: new X509Certificate(certificate).serialNumber.toLowerCase(),
      certificate,
      terms: '{}', // of no version that looks here: it is renewed at once
      not_after: row.not_after,
      created_at: row.created_at,
    })
  }
  if (!(await hasIndex(knex))) {
    await knex.schema.alterTable(table, (made) => {
      made.unique(['tenant_id', 'name', 'algorithm', 'generation'], { indexName: unique })
    })
  }
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('signing_certificates')
  await knex.schema.alterTable(table, (made) => {
    made.dropUnique(['tenant_id', 'name', 'algorithm', 'generation'], unique)
  })
  await knex.schema.alterTable(table, (made) => {
    for (const name of Object.keys(columns)) made.dropColumn(name)
  })
}

import type { Knex } from 'knex'
import { create, digest, drop, id, json, living, moment, owned } from './shape.ts'

/** What remains: credentials and their copies, what was used once, and every fact. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'credentials', (table) => {
    owned(table)
    id(table, 'grant_id').notNullable()
    id(table, 'session_id').notNullable().index()
    table.string('configuration_id', 100).notNullable()
    digest(table, 'person_index').index()
    table.string('status', 10).notNullable()
    living(table)
  })
  await create(knex, 'copies', (table) => {
    owned(table)
    id(table, 'credential_id').notNullable().index()
    id(table, 'status_list') // empty until status lists come
    table.integer('status_index')
    moment(table, 'created_at').notNullable()
    table.unique(['status_list', 'status_index'])
  })
  await create(knex, 'nonce_uses', (table) => {
    id(table, 'issuer_id').notNullable()
    digest(table, 'hash').notNullable()
    id(table, 'tenant_id').notNullable()
    id(table, 'grant_id').notNullable()
    moment(table, 'expires_at').notNullable().index()
    table.primary(['issuer_id', 'hash'])
  })
  await create(knex, 'used_once', (table) => {
    id(table, 'issuer_id').notNullable()
    table.string('purpose', 16).notNullable()
    digest(table, 'hash').notNullable()
    id(table, 'tenant_id').notNullable()
    id(table, 'used_by').notNullable()
    moment(table, 'expires_at').notNullable().index()
    table.primary(['issuer_id', 'purpose', 'hash'])
  })
  await create(knex, 'events', (table) => {
    owned(table)
    id(table, 'session_id').index()
    id(table, 'offer_id')
    table.string('type', 40).notNullable()
    json(table, 'details') // ids and states, never claims or secrets
    moment(table, 'created_at').notNullable().index()
  })
}

export const down = drop('credentials', 'copies', 'nonce_uses', 'used_once', 'events')

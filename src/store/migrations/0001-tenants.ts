import type { Knex } from 'knex'
import { create, digest, drop, id, json, moment, sealed } from './shape.ts'

/** What administrators decide: tenants and everything below them, each object with its version. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'tenants', (table) => {
    id(table, 'id').primary()
    table.string('name', 63).notNullable().unique()
    json(table, 'settings').notNullable()
    table.integer('version').notNullable()
    // Incremented in the transaction of every change below the tenant; nodes compare it every second.
    table.integer('configuration_version').notNullable()
    moment(table, 'created_at').notNullable()
  })
  await create(knex, 'data_keys', (table) => {
    id(table, 'tenant_id').notNullable()
    table.string('purpose', 8).notNullable()
    table.string('key_id', 16).notNullable()
    table.binary('wrapped').notNullable()
    moment(table, 'created_at').notNullable()
    table.primary(['tenant_id', 'purpose', 'key_id'])
  })
  await create(knex, 'identity_providers', (table) => {
    id(table, 'tenant_id').notNullable()
    table.string('id', 63).notNullable()
    json(table, 'settings').notNullable() // without the secrets
    sealed(table, 'secrets_sealed')
    table.integer('version').notNullable()
    moment(table, 'created_at').notNullable()
    table.primary(['tenant_id', 'id'])
  })
  await create(knex, 'issuers', (table) => {
    id(table, 'id').primary()
    id(table, 'tenant_id').notNullable()
    table.string('name', 63).notNullable()
    table.string('identifier', 500).notNullable().unique() // stored when the issuer is made, never built again
    json(table, 'settings').notNullable()
    table.integer('version').notNullable()
    moment(table, 'created_at').notNullable()
    moment(table, 'retired_at')
    table.unique(['tenant_id', 'name'])
  })
  await create(knex, 'issuer_identity_providers', (table) => {
    id(table, 'issuer_id').notNullable()
    table.string('identity_provider', 63).notNullable()
    id(table, 'tenant_id').notNullable()
    table.integer('position').notNullable()
    json(table, 'settings').notNullable()
    table.primary(['issuer_id', 'identity_provider'])
  })
  await create(knex, 'credential_configurations', (table) => {
    id(table, 'issuer_id').notNullable()
    table.string('id', 100).notNullable()
    id(table, 'tenant_id').notNullable()
    table.integer('position').notNullable()
    json(table, 'settings').notNullable()
    table.integer('version').notNullable()
    table.primary(['issuer_id', 'id'])
  })
  await create(knex, 'wallet_profiles', (table) => {
    id(table, 'tenant_id').notNullable()
    table.string('id', 63).notNullable()
    json(table, 'settings').notNullable()
    table.integer('version').notNullable()
    table.primary(['tenant_id', 'id'])
  })
  await create(knex, 'api_clients', (table) => {
    id(table, 'tenant_id').notNullable()
    table.string('id', 63).notNullable()
    table.string('role', 20).notNullable()
    digest(table, 'key_hash').notNullable()
    json(table, 'settings').notNullable()
    table.integer('version').notNullable()
    moment(table, 'created_at').notNullable()
    moment(table, 'expires_at').notNullable()
    moment(table, 'last_used_at')
    moment(table, 'revoked_at')
    table.primary(['tenant_id', 'id'])
    table.unique(['tenant_id', 'key_hash']) // not across tenants: one could learn of another's key
  })
  await create(knex, 'signing_keys', (table) => {
    id(table, 'tenant_id').notNullable()
    // `root`, `signer-1`, …: a unique name, so that two nodes that make the first key at once end with one.
    table.string('id', 36).notNullable()
    table.string('algorithm', 10).notNullable()
    json(table, 'public_jwk').notNullable()
    sealed(table, 'private_key_sealed').notNullable()
    table.binary('certificate').notNullable()
    json(table, 'hosts').notNullable()
    moment(table, 'not_after').notNullable()
    moment(table, 'created_at').notNullable()
    moment(table, 'retired_at')
    table.primary(['tenant_id', 'id'])
  })
}

export const down = drop(
  'tenants',
  'data_keys',
  'identity_providers',
  'issuers',
  'issuer_identity_providers',
  'credential_configurations',
  'wallet_profiles',
  'api_clients',
  'signing_keys',
)

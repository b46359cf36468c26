import type { Knex } from 'knex'
import { create, drop, id, json, moment, sealed } from './shape.ts'

/** The keys that a tenant has at one identity provider: to sign with, and for what the provider encrypts. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'provider_keys', (table) => {
    id(table, 'tenant_id').notNullable()
    table.string('identity_provider', 63).notNullable()
    table.string('key_use', 3).notNullable()
    json(table, 'public_jwk').notNullable()
    sealed(table, 'private_key_sealed').notNullable()
    moment(table, 'created_at').notNullable()
    table.primary(['tenant_id', 'identity_provider', 'key_use'])
  })
}

export const down = drop('provider_keys')

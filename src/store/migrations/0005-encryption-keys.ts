import type { Knex } from 'knex'
import { create, drop, id, json, living, sealed } from './shape.ts'

/** The keys that wallets encrypt their requests to. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'encryption_keys', (table) => {
    id(table, 'tenant_id').notNullable()
    table.integer('generation').notNullable()
    json(table, 'public_jwk').notNullable()
    sealed(table, 'private_key_sealed').notNullable()
    living(table)
    table.primary(['tenant_id', 'generation'])
  })
}

export const down = drop('encryption_keys')

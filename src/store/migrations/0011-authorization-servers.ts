import type { Knex } from 'knex'
import { create, drop, id, json, moment, sealed } from './shape.ts'

/** Authorization servers of others whose access tokens are taken. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'authorization_servers', (table) => {
    id(table, 'tenant_id').notNullable()
    table.string('id', 63).notNullable()
    json(table, 'settings').notNullable() // without the secrets
    sealed(table, 'secrets_sealed')
    table.integer('version').notNullable()
    moment(table, 'created_at').notNullable()
    table.primary(['tenant_id', 'id'])
  })
}

export const down = drop('authorization_servers')

import type { Knex } from 'knex'
import { create, drop, id, json } from './shape.ts'

/** Who vouches for wallets and for their keys. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'attesters', (table) => {
    id(table, 'tenant_id').notNullable()
    table.string('id', 63).notNullable()
    json(table, 'settings').notNullable()
    table.integer('version').notNullable()
    table.primary(['tenant_id', 'id'])
  })
}

export const down = drop('attesters')

import type { Knex } from 'knex'
import { create, drop, id, moment } from './shape.ts'

/** The names of what providers say of people, never what they say, for whoever writes rules. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'claim_names', (table) => {
    id(table, 'tenant_id').notNullable()
    table.string('identity_provider', 63).notNullable()
    table.string('path', 200).notNullable() // as rules write it: id_token.department
    moment(table, 'seen_at').notNullable().index() // the day
    table.primary(['tenant_id', 'identity_provider', 'path'])
  })
}

export const down = drop('claim_names')

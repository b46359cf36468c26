import type { Knex } from 'knex'
import { extend, id, moment, sealed } from './shape.ts'

/** The way by which a grant comes to fresh claims when its wallet renews, and who is on it just now. */
export async function up(knex: Knex): Promise<void> {
  await extend(knex, 'grants', {
    renewal_sealed: (table) => sealed(table, 'renewal_sealed'),
    renewing_by: (table) => id(table, 'renewing_by'), // one at a time: a provider's refresh token may serve once
    renewing_until: (table) => moment(table, 'renewing_until'),
    renewed_at: (table) => moment(table, 'renewed_at'),
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('grants', (table) =>
    table.dropColumns('renewal_sealed', 'renewing_by', 'renewing_until', 'renewed_at'),
  )
}

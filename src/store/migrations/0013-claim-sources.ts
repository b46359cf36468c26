import type { Knex } from 'knex'
import { create, extend, moment, named } from './shape.ts'

/** A tenant's own data sources, and until when one node alone may ask them again for a credential that waits. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'claim_sources', named)
  await extend(knex, 'deferred_credentials', { asked_until: (table) => moment(table, 'asked_until') })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('deferred_credentials', (table) => table.dropColumn('asked_until'))
  await knex.schema.dropTableIfExists('claim_sources')
}

import type { Knex } from 'knex'
import { digest, extend } from './shape.ts'

/** Offers that name their person, whom only an index under the tenant's key tells. */
export async function up(knex: Knex): Promise<void> {
  await extend(knex, 'offers', { subject_index: (table) => digest(table, 'subject_index') })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('offers', (table) => table.dropColumn('subject_index'))
}

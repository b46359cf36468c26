import type { Knex } from 'knex'
import { extend, hasIndex } from './shape.ts'

const index = 'events_of_reference'

/** The number that a person reads on a page of a refusal, so that its session is found by it. */
export async function up(knex: Knex): Promise<void> {
  await extend(knex, 'events', { reference: (table) => table.string('reference', 12) })
  if (!(await hasIndex(knex, index)))
    await knex.schema.alterTable('events', (table) => table.index(['issuer_id', 'reference'], index))
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('events', (table) => table.dropIndex(['issuer_id', 'reference'], index))
  await knex.schema.alterTable('events', (table) => table.dropColumn('reference'))
}

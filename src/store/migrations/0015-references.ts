import type { Knex } from 'knex'
import { extend, index } from './shape.ts'

const [name, columns] = ['events_of_reference', ['issuer_id', 'reference']]

/** The number that a person reads on a page of a refusal, so that its session is found by it. */
export async function up(knex: Knex): Promise<void> {
  await extend(knex, 'events', { reference: (table) => table.string('reference', 12) })
  await index(knex, 'events', name, columns)
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('events', (table) => table.dropIndex(columns, name))
  await knex.schema.alterTable('events', (table) => table.dropColumn('reference'))
}

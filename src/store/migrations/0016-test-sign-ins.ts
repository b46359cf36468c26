import type { Knex } from 'knex'
import { extend } from './shape.ts'

/** Sign-ins that an administrator asked for to see what a provider says: no wallet and no offer is behind them. */
export async function up(knex: Knex): Promise<void> {
  await extend(knex, 'sign_ins', { tested_by: (table) => table.string('tested_by', 80) }) // who alone may read what came of it
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('sign_ins', (table) => table.dropColumn('tested_by'))
}

import type { Knex } from 'knex'
import { create, id, json, moment, sealed } from './shape.ts'

/** A tenant's own data sources, and until when one node alone may ask them again for a credential that waits. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'claim_sources', (table) => {
    id(table, 'tenant_id').notNullable()
    table.string('id', 63).notNullable()
    json(table, 'settings').notNullable() // without the secrets
    sealed(table, 'secrets_sealed')
    table.integer('version').notNullable()
    moment(table, 'created_at').notNullable()
    table.primary(['tenant_id', 'id'])
  })
  if (!(await knex.schema.hasColumn('deferred_credentials', 'asked_until')))
    await knex.schema.alterTable('deferred_credentials', (table) => {
      moment(table, 'asked_until')
    })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('deferred_credentials', (table) => table.dropColumn('asked_until'))
  await knex.schema.dropTableIfExists('claim_sources')
}

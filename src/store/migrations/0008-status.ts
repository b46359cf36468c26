import type { Knex } from 'knex'
import { create, hasIndex, id, moment, owned } from './shape.ts'

const columns: [table: string, name: string, add: (table: Knex.CreateTableBuilder) => unknown][] = [
  ['credentials', 'issued', (made) => made.integer('issued').notNullable().defaultTo(1)], // how many times: every answer is one
  ['credentials', 'status_reason', (made) => made.string('status_reason', 500)],
  ['credentials', 'status_by', (made) => id(made, 'status_by')],
  ['credentials', 'status_changed_at', (made) => moment(made, 'status_changed_at')],
  ['credentials', 'suspended_until', (made) => moment(made, 'suspended_until')],
  ['copies', 'status', (made) => made.integer('status').notNullable().defaultTo(0)], // as lists have it: 1 invalid, 2 suspended
]

const indices: [table: string, name: string, columns: string[]][] = [
  ['credentials', 'credentials_of_issuer', ['issuer_id', 'id']],
  ['credentials', 'credentials_suspended_until', ['suspended_until']],
  ['copies', 'copies_of_status', ['status_list', 'status', 'status_index']], // what a list is made of, without the rows
]

/** Status lists, and what became of credentials and their copies. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'status_lists', (made) => {
    owned(made)
    made.string('kind', 10).notNullable()
    made.string('key_name', 63).notNullable()
    made.string('algorithm', 10).notNullable()
    made.integer('number').notNullable() // the next one is opened when this one is full
    made.integer('size').notNullable()
    made.integer('position').notNullable().defaultTo(0) // what lies before it is leased
    made.bigInteger('version').notNullable().defaultTo(0) // one more with every change
    moment(made, 'changed_at').notNullable()
    moment(made, 'created_at').notNullable()
    made.unique(['issuer_id', 'kind', 'key_name', 'algorithm', 'number'], { indexName: 'status_lists_number' })
  })
  for (const [table, name, add] of columns) {
    if (await knex.schema.hasColumn(table, name)) continue
    await knex.schema.alterTable(table, (made) => {
      add(made)
    })
  }
  for (const [table, name, of] of indices) {
    if (await hasIndex(knex, name)) continue
    await knex.schema.alterTable(table, (made) => made.index(of, name))
  }
}

export async function down(knex: Knex): Promise<void> {
  for (const [table, name, of] of indices) await knex.schema.alterTable(table, (made) => made.dropIndex(of, name))
  for (const [table, name] of columns) await knex.schema.alterTable(table, (made) => made.dropColumn(name))
  await knex.schema.dropTableIfExists('status_lists')
}

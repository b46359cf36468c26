import type { Knex } from 'knex'
import { digest, extend, id, index, sealed } from './shape.ts'

/** Offers that name their person, whom only an index under the tenant's key tells, and pages of offers that ask for a sign-in first. */
export async function up(knex: Knex): Promise<void> {
  await extend(knex, 'offers', {
    subject_index: (table) => digest(table, 'subject_index'),
    reference_hash: (table) => digest(table, 'reference_hash'), // where wallets fetch it, if not by the page's handle
    reference_sealed: (table) => sealed(table, 'reference_sealed'),
    tx_code_sealed: (table) => sealed(table, 'tx_code_sealed'), // shown by the page after the sign-in; wiped when the offer ends
  })
  await index(knex, 'offers', 'offers_reference_hash_index', ['reference_hash'])
  await extend(knex, 'sign_ins', { offer_id: (table) => id(table, 'offer_id') }) // of an offer's page: no session is behind it
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.alterTable('sign_ins', (table) => table.dropColumn('offer_id'))
  await knex.schema.alterTable('offers', (table) =>
    table.dropColumns('subject_index', 'reference_hash', 'reference_sealed', 'tx_code_sealed'),
  )
}

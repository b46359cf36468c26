import type { Knex } from 'knex'
import { create, digest, extend, id, json, living, moment, owned, sealed } from './shape.ts'

/** What a grant lives through: refresh tokens, credentials that wait for a decision, and what wallets say became of them. */
export async function up(knex: Knex): Promise<void> {
  await extend(knex, 'tokens', {
    attestation_key: (table) => digest(table, 'attestation_key'), // the wallet instance's key it is bound to
    authentication: (table) => table.string('authentication', 32), // how the client authenticated; empty: it did not
  })
  await extend(knex, 'grants', {
    claims_until: (table) => moment(table, 'claims_until'), // empty: as long as the grant lives
  })
  await extend(knex, 'copies', {
    notification_hash: (table) => digest(table, 'notification_hash').index(),
  })
  await create(knex, 'deferred_credentials', (table) => {
    owned(table)
    id(table, 'grant_id').notNullable().index()
    id(table, 'session_id').notNullable()
    id(table, 'offer_id')
    id(table, 'credential_id').notNullable().unique() // one decision for a credential
    table.string('configuration_id', 100).notNullable()
    digest(table, 'transaction_hash').notNullable().unique()
    sealed(table, 'transaction_sealed') // told again to a wallet that asks again; wiped when it ends
    json(table, 'holder_keys') // public keys, likewise
    table.string('decision', 10)
    id(table, 'decided_by')
    moment(table, 'decided_at')
    table.string('reason', 500)
    id(table, 'collected_by')
    moment(table, 'collected_at')
    moment(table, 'ended_at') // collected, refused, or its grant has ended
    living(table)
    table.index(['issuer_id', 'id'])
  })
  await create(knex, 'notifications', (table) => {
    digest(table, 'notification_hash').notNullable()
    table.string('event', 24).notNullable()
    id(table, 'tenant_id').notNullable()
    id(table, 'issuer_id').notNullable()
    moment(table, 'created_at').notNullable()
    table.primary(['notification_hash', 'event'])
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists('notifications')
  await knex.schema.dropTableIfExists('deferred_credentials')
  await knex.schema.alterTable('copies', (table) => table.dropColumn('notification_hash'))
  await knex.schema.alterTable('grants', (table) => table.dropColumn('claims_until'))
  await knex.schema.alterTable('tokens', (table) => table.dropColumns('attestation_key', 'authentication'))
}

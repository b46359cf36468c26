import type { Knex } from 'knex'
import { create, digest, drop, id, json, living, moment, owned, sealed } from './shape.ts'

/** What happens: offers, sessions, sign-ins, grants and tokens. What is spent has the id of the operation that spent it. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'offers', (table) => {
    owned(table)
    digest(table, 'handle_hash').notNullable().unique()
    sealed(table, 'handle_sealed')
    digest(table, 'code_hash').unique()
    sealed(table, 'code_sealed') // shown by the offer page; wiped when the offer ends
    digest(table, 'issuer_state_hash').unique()
    sealed(table, 'issuer_state_sealed')
    json(table, 'terms').notNullable() // configurations, grants, tx_code as the wallet is told, scheme, provider, metadata
    table.string('tx_code_mac', 100)
    table.integer('tx_code_tries').notNullable().defaultTo(0)
    id(table, 'tx_code_tried_by') // the operation that took the last of them
    sealed(table, 'claims_sealed')
    sealed(table, 'login_hint_sealed')
    living(table)
    moment(table, 'opened_at')
    moment(table, 'withdrawn_at')
    id(table, 'redeemed_by')
    moment(table, 'redeemed_at')
  })
  await create(knex, 'shared_offers', (table) => {
    owned(table)
    digest(table, 'handle_hash').notNullable().unique()
    sealed(table, 'handle_sealed')
    digest(table, 'issuer_state_hash').notNullable().unique()
    sealed(table, 'issuer_state_sealed')
    json(table, 'terms').notNullable()
    table.integer('max_uses')
    table.integer('uses').notNullable().defaultTo(0) // counted only where max_uses is set
    living(table)
    moment(table, 'withdrawn_at')
  })
  await create(knex, 'sessions', (table) => {
    owned(table)
    id(table, 'offer_id').index()
    digest(table, 'view_hash').index() // the view of a shared offer that the wallet came from
    table.string('client_id', 255)
    table.string('wallet_profile', 63)
    table.string('dialect', 16).notNullable()
    table.string('identity_provider', 63)
    table.integer('configuration_version').notNullable()
    table.string('state', 16).notNullable()
    digest(table, 'person_index')
    living(table)
  })
  await create(knex, 'authorization_requests', (table) => {
    owned(table) // its id is the session's
    digest(table, 'request_uri_hash').notNullable().unique()
    sealed(table, 'request_sealed').notNullable()
    living(table)
    moment(table, 'visited_at')
  })
  await create(knex, 'sign_ins', (table) => {
    owned(table) // its id is the session's: one sign-in, in one browser
    digest(table, 'cookie_hash').notNullable()
    table.string('identity_provider', 63)
    digest(table, 'state_hash').unique()
    sealed(table, 'memory_sealed')
    id(table, 'callback_by')
    sealed(table, 'result_sealed')
    id(table, 'decided_by')
    table.string('decision', 10)
    living(table)
  })
  await create(knex, 'grants', (table) => {
    owned(table)
    id(table, 'session_id').notNullable().index()
    table.string('kind', 24).notNullable()
    digest(table, 'code_hash').unique()
    table.string('client_id', 255)
    digest(table, 'key_thumbprint') // DPoP key that the code was bound to (RFC 9449 §10)
    digest(table, 'attestation_key')
    json(table, 'terms').notNullable() // datasets, redirect_uri hash, code_challenge
    sealed(table, 'claims_sealed').notNullable()
    digest(table, 'person_index')
    id(table, 'offer_id')
    id(table, 'redeemed_by')
    moment(table, 'redeemed_at')
    moment(table, 'ended_at')
    table.integer('copies').notNullable().defaultTo(0)
    living(table)
  })
  await create(knex, 'shared_offer_uses', (table) => {
    id(table, 'offer_id').notNullable()
    id(table, 'grant_id').notNullable()
    id(table, 'tenant_id').notNullable()
    table.primary(['offer_id', 'grant_id'])
  })
  await create(knex, 'tokens', (table) => {
    digest(table, 'hash').primary()
    id(table, 'tenant_id').notNullable()
    id(table, 'issuer_id').notNullable()
    id(table, 'grant_id').notNullable().index()
    table.string('kind', 10).notNullable()
    digest(table, 'key_thumbprint')
    json(table, 'configuration_ids') // when the token request narrowed the grant
    living(table)
    moment(table, 'revoked_at')
  })
}

export const down = drop(
  'offers',
  'shared_offers',
  'sessions',
  'authorization_requests',
  'sign_ins',
  'grants',
  'shared_offer_uses',
  'tokens',
)

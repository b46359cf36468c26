import type { Knex } from 'knex'
import { create, drop, named } from './shape.ts'

/** Authorization servers of others whose access tokens are taken. */
export async function up(knex: Knex): Promise<void> {
  await create(knex, 'authorization_servers', named)
}

export const down = drop('authorization_servers')

import type { Knex } from 'knex'
import { inward } from '../../src/lib/ids.ts'

/** What the database holds of one offer: how many rows of each kind, and every fact in its order. */
export type Ledger = {
  tries: number
  /** Places of a shared offer that are taken. */
  uses: number
  sessions: number
  grants: number
  tokens: number
  credentials: number
  copies: number
  /** What the grants count. */
  counted: number
  events: string[]
}

const number = async (rows: Knex.QueryBuilder): Promise<number> => Number((await rows.count({ n: '*' }).first())?.n)

/** Reads past every node. `offer` is the id as it is outside. */
export async function ledgerOf(db: Knex, offer: string): Promise<Ledger> {
  const id = inward('off', offer)
  const sessions = db('sessions').where({ offer_id: id }).select('id')
  const grants = () => db('grants').whereIn('session_id', sessions)
  const credentials = () => db('credentials').whereIn('grant_id', grants().select('id'))
  return {
    tries: Number((await db('offers').where({ id }).first('tx_code_tries'))?.tx_code_tries ?? 0),
    uses: Number((await db('shared_offers').where({ id }).first('uses'))?.uses ?? 0),
    sessions: await number(db('sessions').where({ offer_id: id })),
    grants: await number(grants()),
    tokens: await number(db('tokens').whereIn('grant_id', grants().select('id'))),
    credentials: await number(credentials()),
    copies: await number(db('copies').whereIn('credential_id', credentials().select('id'))),
    counted: Number((await grants().sum({ n: 'copies' }).first())?.n ?? 0),
    events: await db('events').where({ offer_id: id }).orderBy('id').pluck('type'),
  }
}

const redeemed = `grants.redeemed_by is not null`
const has = (table: string, where: string) => `exists (select 1 from ${table} where ${where})`
const times = (table: string, where: string) => `(select count(*) from ${table} where ${where})`

/** What must never be found in a table, whenever a node is killed. */
const halfWritten: [what: string, table: string, where: string][] = [
  ['a token without its grant', 'tokens', `not ${has('grants', `grants.id = tokens.grant_id and ${redeemed}`)}`],
  ['a grant without its session', 'grants', `not ${has('sessions', 'sessions.id = grants.session_id')}`],
  [
    'a spent grant without its one access token, and one for each refresh',
    'grants',
    `${redeemed} and ${times('tokens', `tokens.grant_id = grants.id and tokens.kind = 'access'`)} <>
      1 + ${times('events', `events.session_id = grants.session_id and events.type = 'grant.refreshed'`)}`,
  ],
  [
    'a spent grant without its one event',
    'grants',
    `${redeemed} and ${times('events', `events.session_id = grants.session_id and events.type = 'grant.redeemed'`)} <> 1`,
  ],
  [
    'a spent offer without its one grant',
    'offers',
    `redeemed_by is not null and ${times('grants', `grants.offer_id = offers.id and ${redeemed}`)} <> 1`,
  ],
  [
    'a grant of an offer that is not spent',
    'offers',
    `redeemed_by is null and ${has('grants', `grants.offer_id = offers.id and ${redeemed}`)}`,
  ],
  [
    'an offer without its one event',
    'offers',
    `${times('events', `events.offer_id = offers.id and events.type = 'offer.created'`)} <> 1`,
  ],
  ['a credential without its grant', 'credentials', `not ${has('grants', 'grants.id = credentials.grant_id')}`],
  ['a credential without a copy', 'credentials', `not ${has('copies', 'copies.credential_id = credentials.id')}`],
  ['a copy without its credential', 'copies', `not ${has('credentials', 'credentials.id = copies.credential_id')}`],
  [
    'copies that were not counted',
    'grants',
    `copies <> ${times('copies join credentials on credentials.id = copies.credential_id', 'credentials.grant_id = grants.id')}`,
  ],
  [
    'a decision without its one event',
    'deferred_credentials',
    `decided_at is not null and ${times('events', `events.session_id = deferred_credentials.session_id and events.type in ('credential.approved', 'credential.refused')`)} <> 1`,
  ],
  [
    'a transaction that was collected without its credential, or the other way round',
    'deferred_credentials',
    `(collected_at is null) = ${has('copies', 'copies.credential_id = deferred_credentials.credential_id')}`,
  ],
  [
    'a request without its session',
    'authorization_requests',
    `not ${has('sessions', 'sessions.id = authorization_requests.id')}`,
  ],
  [
    'a sign-in without its request',
    'sign_ins',
    `offer_id is null and not ${has('authorization_requests', 'authorization_requests.id = sign_ins.id')}`,
  ],
  [
    'a sign-in without its offer',
    'sign_ins',
    `offer_id is not null and not ${has('offers', 'offers.id = sign_ins.offer_id')}`,
  ],
]

/** Whatever is only half there, as sentences. */
export async function findHalfWritten(db: Knex): Promise<string[]> {
  const found: string[] = []
  for (const [what, table, where] of halfWritten) {
    const rows = await number(db(table).whereRaw(where))
    if (rows > 0) found.push(`${what} (${rows})`)
  }
  return found
}

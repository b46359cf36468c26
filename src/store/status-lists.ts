import { type Ask, date, type Owner, ownedBy, parsed } from './ask.ts'
import { insertOnce, type Queryable } from './database.ts'

/** Lists that one key signs, of one kind: credentials of an issuer go into the newest of them. */
export type StatusListGroup = { kind: 'token' | 'bitstring'; keyName: string; algorithm: string }

export type StatusList = Owner &
  StatusListGroup & {
    id: string
    number: number
    /** How many entries it has. */
    size: number
    /** Positions before it are leased. */
    position: number
    /** One more with every change of an entry. */
    version: number
    changedAt: Date
  }

/** The places of a list that are not 0, valid. */
export type Places = { invalid: number[]; suspended: number[] }

/** What a copy has in its place of a list (Token Status List §7.1). */
export const copyValue = { valid: 0, invalid: 1, suspended: 2 }

/** Counts a change on lists: whoever has one makes it anew. The time of it never goes back, whichever node's clock is behind. */
export async function countChange(db: Queryable, owner: Owner, ids: string[], now: Date): Promise<void> {
  const latest = db.raw('case when changed_at > ? then changed_at else ? end', [now.getTime(), now.getTime()])
  await db('status_lists')
    .where(ownedBy(owner))
    .whereIn('id', ids)
    .update({ version: db.raw('version + 1'), changed_at: latest })
}

const columnsOf = ({ kind, keyName, algorithm }: StatusListGroup) => ({ kind, key_name: keyName, algorithm })

const read = (row: Record<string, unknown>): StatusList => ({
  tenantId: String(row.tenant_id),
  issuerId: String(row.issuer_id),
  id: String(row.id),
  kind: row.kind as StatusList['kind'],
  keyName: String(row.key_name),
  algorithm: String(row.algorithm),
  number: Number(row.number),
  size: Number(row.size),
  position: Number(row.position),
  version: Number(row.version),
  changedAt: date(row.changed_at),
})

export const statusLists = (ask: Ask) => ({
  /** False if the group has a list of that number: another node was quicker. */
  insert: (owner: Owner, list: StatusListGroup & { id: string; number: number; size: number }, now: Date) =>
    ask((db) =>
      insertOnce(db, 'status_lists', {
        ...ownedBy(owner),
        ...columnsOf(list),
        id: list.id,
        number: list.number,
        size: list.size,
        changed_at: now.getTime(),
        created_at: now.getTime(),
      }),
    ),

  /** The newest list of a group. */
  findNewest: (owner: Owner, group: StatusListGroup): Promise<StatusList | undefined> =>
    ask(
      async (db) => {
        const row = await db('status_lists')
          .where({ ...ownedBy(owner), ...columnsOf(group) })
          .orderBy('number', 'desc')
          .first()
        return row && read(row)
      },
      { fresh: true },
    ),

  /**
   * Leases the positions from `from` to before `to`: true for one caller at most. One whose connection broke may get a no and has them
   * nevertheless: they are lost then.
   */
  lease: (owner: Owner, id: string, { from, to }: { from: number; to: number }): Promise<boolean> =>
    ask(
      async (db) =>
        (await db('status_lists')
          .where({ ...ownedBy(owner), id, position: from })
          .where('size', '>=', to)
          .update({ position: to })) === 1,
    ),

  find: (owner: Owner, id: string): Promise<StatusList | undefined> =>
    ask(async (db) => {
      const row = await db('status_lists')
        .where({ ...ownedBy(owner), id })
        .first()
      return row && read(row)
    }),

  /** Every list of an issuer, the oldest first. */
  list: (owner: Owner, kind: StatusList['kind']): Promise<StatusList[]> =>
    ask(async (db) =>
      (
        await db('status_lists')
          .where({ ...ownedBy(owner), kind })
          .orderBy('id')
      ).map(read),
    ),

  /**
   * The places of a list that are not 0, from one reading, for one that moves from a value to the other is to be found. Answered from an
   * index alone, in lists of at most 16 Ki places and not a row each: there may be a million. Whose the list is stands with the list.
   */
  places: (owner: Owner, id: string): Promise<Places> =>
    ask(async (db) => {
      const own = db('status_lists').where({ ...ownedBy(owner), id })
      const changed = db('copies')
        .where({ status_list: id })
        .where('status', '>', copyValue.valid)
        .whereExists(own.select('id'))
      const array = db.client.dialect === 'mysql' ? 'json_arrayagg' : 'json_group_array'
      const some = changed.groupByRaw('status, status_index >> 14').select('status')
      const places: { [Value in keyof Places]: number[][] } = { invalid: [], suspended: [] }
      for (const { status, indices } of await some.select(db.raw(`${array}(status_index) as indices`))) {
        const read: number[] = typeof indices === 'string' ? parsed(indices) : indices
        places[status === copyValue.invalid ? 'invalid' : 'suspended'].push(read)
      }
      return { invalid: places.invalid.flat(), suspended: places.suspended.flat() }
    }),
})

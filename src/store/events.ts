import type { EventType } from '../model/event.ts'
import { type Ask, date, type Owner, ownedBy, parsed, text } from './ask.ts'
import { insertOnce } from './database.ts'

export type StoredEvent = {
  id: string
  type: EventType
  sessionId: string | undefined
  offerId: string | undefined
  /** Ids and states, never claims or secrets. */
  details: Record<string, unknown>
  /** What the person read on the page that told of it. */
  reference?: string | undefined
  createdAt: Date
}

const read = (row: Record<string, unknown>): StoredEvent => ({
  id: String(row.id),
  type: row.type as EventType,
  sessionId: text(row.session_id),
  offerId: text(row.offer_id),
  details: parsed<Record<string, unknown>>(row.details ?? '{}'),
  reference: text(row.reference),
  createdAt: date(row.created_at),
})

/** Facts, each written in the transaction that made it true. */
export const events = (ask: Ask) => ({
  insert: (owner: Owner, event: StoredEvent): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'events', {
        ...ownedBy(owner),
        id: event.id,
        session_id: event.sessionId ?? null,
        offer_id: event.offerId ?? null,
        type: event.type,
        details: JSON.stringify(event.details),
        reference: event.reference ?? null,
        created_at: event.createdAt.getTime(),
      }),
    ),

  countRefusals: (owner: Owner, sessionId: string): Promise<number> =>
    ask(async (db) => {
      const [row] = await db('events')
        .where({ ...ownedBy(owner), session_id: sessionId })
        .whereIn('type', ['session.refused', 'session.wallet_refused'])
        .count({ count: '*' })
      return Number(row?.count ?? 0)
    }),

  /** What a page or an answer with this reference told of. */
  findByReference: (owner: Owner, reference: string): Promise<StoredEvent | undefined> =>
    ask(async (db) => {
      const row = await db('events')
        .where({ ...ownedBy(owner), reference })
        .first()
      return row && read(row)
    }),

  listOfSession: (owner: Owner, sessionId: string): Promise<StoredEvent[]> =>
    ask(async (db) =>
      (
        await db('events')
          .where({ ...ownedBy(owner), session_id: sessionId })
          .orderBy('id')
      ).map(read),
    ),
})

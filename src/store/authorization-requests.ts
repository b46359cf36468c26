import { type Ask, bytes, date, dateOrUndefined, type Owner, ownedBy } from './ask.ts'
import { insertOnce } from './database.ts'

/** What a wallet asked for at the authorization or PAR endpoint; its id is the session's. */
export type StoredAuthorizationRequest = {
  id: string
  requestSealed: Buffer
  createdAt: Date
  expiresAt: Date
  visitedAt: Date | undefined
}

const read = (row: Record<string, unknown>): StoredAuthorizationRequest => ({
  id: String(row.id),
  requestSealed: bytes(row.request_sealed) as Buffer,
  createdAt: date(row.created_at),
  expiresAt: date(row.expires_at),
  visitedAt: dateOrUndefined(row.visited_at),
})

export const authorizationRequests = (ask: Ask) => ({
  insert: (
    owner: Owner,
    request: Omit<StoredAuthorizationRequest, 'visitedAt'> & { requestUriHash: string },
  ): Promise<boolean> =>
    ask((db) =>
      insertOnce(db, 'authorization_requests', {
        ...ownedBy(owner),
        id: request.id,
        request_uri_hash: request.requestUriHash,
        request_sealed: request.requestSealed,
        created_at: request.createdAt.getTime(),
        expires_at: request.expiresAt.getTime(),
      }),
    ),

  find: (owner: Owner, id: string): Promise<StoredAuthorizationRequest | undefined> =>
    ask(async (db) => {
      const row = await db('authorization_requests')
        .where({ ...ownedBy(owner), id })
        .first()
      return row && read(row)
    }),

  findByRequestUri: (owner: Owner, hash: string): Promise<StoredAuthorizationRequest | undefined> =>
    ask(async (db) => {
      const row = await db('authorization_requests')
        .where({ ...ownedBy(owner), request_uri_hash: hash })
        .first()
      return row && read(row)
    }),

  /** The first visit: true once, and only in time. */
  visit: (owner: Owner, id: string, now: Date): Promise<boolean> =>
    ask(async (db) => {
      const unvisited = db('authorization_requests')
        .where({ ...ownedBy(owner), id })
        .whereNull('visited_at')
      return (await unvisited.where('expires_at', '>', now.getTime()).update({ visited_at: now.getTime() })) === 1
    }),
})

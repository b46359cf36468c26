import { setTimeout as pause } from 'node:timers/promises'
import { ProtocolError } from '../protocol/errors.ts'

/** Milliseconds before each further try, halved by chance at most: six tries within about three seconds. */
const delays = [20, 80, 300, 900, 1600]

/** No try begins later than this: where one alone waited (for a lock, a free connection, an answer), the caller has, too. */
const patienceMillis = 4000

// MySQL, MariaDB, Galera (1213 also at COMMIT, 1317 when another node's write set wins), Group Replication (3101), TiDB (8xxx, 9007).
const lostRaces = new Set([1020, 1180, 1205, 1213, 1317, 3101, 8002, 8022, 8028, 9007])
// Too many connections, not a primary component, shutting down, killed, read-only after a failover, cut for idling.
const outages = new Set([
  1040, 1047, 1053, 1077, 1079, 1158, 1159, 1160, 1161, 1290, 1836, 1927, 3100, 3168, 3169, 4031,
])
const lostConnections = new Set([
  ...['PROTOCOL_CONNECTION_LOST', 'PROTOCOL_SEQUENCE_TIMEOUT', 'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE'],
  ...['ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN'],
])
// SQLITE_BUSY, LOCKED, IOERR, FULL, CANTOPEN: another process, or the disk.
const sqliteOutages = new Set([5, 6, 10, 13, 14])

type DriverError = Error & { code?: string; errno?: number; errcode?: number; fatal?: boolean }

/** Whether another try may succeed: a race was lost to another transaction, or the database could not be asked. */
function isCurable(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof ProtocolError) return false
  const { name, code, errno = 0, errcode = 0, fatal } = error as DriverError
  if (lostRaces.has(errno) || outages.has(errno) || sqliteOutages.has(errcode & 0xff)) return true
  if (code !== undefined) return lostConnections.has(code)
  return name === 'KnexTimeoutError' || fatal === true // no free connection; "… when connection is in closed state"
}

/** An outage in the words that go out (`temporarily_unavailable`); every other error as it is. */
export function outward(error: unknown): unknown {
  if (!isCurable(error)) return error
  const message = 'The database cannot be reached just now.'
  return new ProtocolError('temporarily_unavailable', message, { cause: error, help: 'unavailable', retryAfter: 10 })
}

/**
 * Does `work` and does it again, a little later each time, while its error is one that another try may cure.
 * Throws `temporarily_unavailable` after the last try, and any other error at once.
 */
export async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (error) {
      const delay = delays[tries]
      if (delay === undefined || !isCurable(error) || performance.now() - begun > patienceMillis) throw outward(error)
      await pause(delay * (0.5 + Math.random() / 2))
    }
  }
}

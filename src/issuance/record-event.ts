import { newId } from '../lib/ids.ts'
import type { EventType } from '../model/event.ts'
import type { StoredEvent } from '../store/events.ts'

type Needs = { clock: () => Date; random: (bytes: number) => Buffer }
type About = { sessionId?: string | undefined; offerId?: string | undefined; details?: Record<string, unknown> }

/** A fact, drawn before the transaction that makes it true. Details are ids and states, never claims or secrets. */
export const newEvent = (needs: Needs, type: EventType, { sessionId, offerId, details = {} }: About): StoredEvent => ({
  id: newId(needs),
  type,
  sessionId,
  offerId,
  details,
  createdAt: needs.clock(),
})

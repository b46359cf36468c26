import type { Signer } from '../keys/signer.ts'
import { after } from '../lib/time.ts'
import type { LiveIssuer } from '../model/live.ts'
import type { Tables } from '../store/index.ts'
import type { StatusList } from '../store/status-lists.ts'
import { uriOf } from './allocate.ts'
import { compressTokenList, encodeBitstring } from './encode.ts'
import { bitstringCredential, type ListTerms, statusListCwt, statusListJwt } from './token.ts'

/** How a list is wanted: the two forms of a Token Status List, or one of the two credentials of a Bitstring Status List. */
export type ListForm = 'jwt' | 'cwt' | 'revocation' | 'suspension'

export type PublishedList = {
  body: Buffer
  /** The same on every node for the same content, though each signs on its own. */
  tag: string
  expiresAt: Date
}

export type Publisher = {
  /** The list as this node knows it, at most a second old; undefined: the issuer has no such list. */
  find(issuer: LiveIssuer, id: string): Promise<StatusList | undefined>
  /** Signs a list, if it has changed since or its hour is over; otherwise answers what was signed then. */
  publish(issuer: LiveIssuer, list: StatusList, form: ListForm, signer: Signer): Promise<PublishedList>
}

/** `ttl` of the lists: so long a verifier keeps one. */
export const ttlSeconds = 600
/** So long anybody between may keep one. */
export const maxAgeSeconds = 60
/** After so long, and the second that a node does not look, every verifier that keeps to `ttl` knows of a change. */
export const effectiveSeconds = ttlSeconds + maxAgeSeconds + 1

const [checkEveryMs, signEveryMs, validSeconds] = [1000, 3_600_000, 24 * 3600]
const mostKept = 200

type Kept = { name: string; made: Promise<PublishedList> }

/** When a list was signed: at the full hour, or at its last change. So all nodes say the same of it. */
const signedAt = ({ changedAt }: StatusList, now: Date): Date => {
  const hour = Math.floor(now.getTime() / signEveryMs) * signEveryMs
  return new Date(Math.min(Math.max(hour, changedAt.getTime()), now.getTime()))
}

type Needs = { tables: Pick<Tables, 'statusLists'>; clock: () => Date }

/** Makes lists from the statuses in the database, once for each version, and keeps those that were asked for last. */
export function makePublisher({ tables, clock }: Needs): Publisher {
  const known = new Map<string, { list: StatusList; readAt: number }>()
  const kept = new Map<string, Kept>()

  function keep<Value>(map: Map<string, Value>, name: string, value: Value): void {
    map.delete(name)
    map.set(name, value)
    for (const oldest of [...map.keys()].slice(0, -mostKept)) map.delete(oldest)
  }

  async function make(list: StatusList, form: ListForm, signer: Signer, terms: ListTerms): Promise<Buffer> {
    const places = await tables.statusLists.places(list, list.id)
    if (form === 'revocation' || form === 'suspension') {
      // What is revoked stays in the other list, too: one who keeps an older one of the two must not find it in neither.
      const set = form === 'revocation' ? places.invalid : [...places.suspended, ...places.invalid]
      return Buffer.from(await bitstringCredential(signer, terms, form, await encodeBitstring(list.size, set)))
    }
    const compressed = await compressTokenList(list.size, places)
    if (form === 'cwt') return statusListCwt(signer, terms, compressed)
    return Buffer.from(await statusListJwt(signer, terms, compressed))
  }

  return {
    async find(issuer, id) {
      const entry = known.get(id)
      const now = clock().getTime()
      if (entry && entry.list.issuerId === issuer.issuerId && Math.abs(now - entry.readAt) < checkEveryMs)
        return entry.list
      const list = await tables.statusLists.find(issuer, id)
      if (list) keep(known, id, { list, readAt: now })
      return list
    },

    publish(issuer, list, form, signer) {
      const issuedAt = signedAt(list, clock())
      const expiresAt = after(issuedAt, validSeconds)
      const tag = [list.version, Math.floor(issuedAt.getTime() / 1000), signer.keyId].join(' ')
      const name = [tag, issuer.identifier, signer.certificateChain[0]].join(' ')
      const before = kept.get(`${list.id} ${form}`)
      if (before?.name === name) return before.made
      const uri = uriOf(issuer, list.id)
      const aggregation = `${issuer.identifier}/status-lists`
      const terms = { issuer: issuer.identifier, uri, issuedAt, expiresAt, ttl: ttlSeconds, aggregation }
      const made = make(list, form, signer, terms).then((body) => ({
        body,
        tag: `${list.id} ${form} ${tag}`,
        expiresAt,
      }))
      keep(kept, `${list.id} ${form}`, { name, made })
      made.catch(() => kept.delete(`${list.id} ${form}`)) // the caller hears of it; the next one tries again
      return made
    },
  }
}

import { createSecretKey } from 'node:crypto'
import type { StatusEntry } from '../formats/format.ts'
import { newId } from '../lib/ids.ts'
import type { LiveConfiguration, LiveIssuer } from '../model/live.ts'
import type { Tables } from '../store/index.ts'
import type { Vault } from '../store/sealed.ts'
import type { StatusList, StatusListGroup } from '../store/status-lists.ts'
import { makePermutation } from './permutation.ts'

/** A place that no other copy has or had. */
export type Place = StatusEntry & { listId: string }

/** Gives each copy its place in a status list. */
export type Allocator = {
  /** As many places as there are copies, in the list of the key that signs the configuration. What is not used stays 0, as a decoy. */
  allocate(issuer: LiveIssuer, configuration: LiveConfiguration, count: number): Promise<Place[]>
}

export type Needs = {
  tables: Pick<Tables, 'statusLists'>
  vault: Vault
  clock: () => Date
  random: (bytes: number) => Buffer
  kindOf: (format: string) => StatusListGroup['kind']
  /** Entries of a new list. */
  size?: number
  /** How many positions a node leases at once. */
  block?: number
}

type Lease = { list: StatusList; indexOf: (position: number) => number; next: number; end: number }

export const uriOf = (issuer: Pick<LiveIssuer, 'identifier'>, listId: string): string =>
  `${issuer.identifier}/status-lists/${listId}`

/**
 * A node leases a block of positions and hands them out from memory, so that issuing waits for no row that all nodes write. A permutation
 * under the tenant's key turns positions into places: who knows some of them guesses no others, and not in which order they came.
 */
export function makeAllocator(needs: Needs): Allocator {
  const { tables, vault, clock, kindOf, size = 2 ** 20, block = 256 } = needs
  const leases = new Map<string, Lease>()
  const leasing = new Map<string, Promise<unknown>>()

  async function lease(issuer: LiveIssuer, group: StatusListGroup): Promise<Lease> {
    for (;;) {
      const list = await tables.statusLists.findNewest(issuer, group)
      if (!list || list.position >= list.size) {
        const number = (list?.number ?? 0) + 1
        await tables.statusLists.insert(issuer, { ...group, id: newId(needs), number, size }, clock())
        continue
      }
      const [from, to] = [list.position, Math.min(list.position + block, list.size)]
      if (!(await tables.statusLists.lease(issuer, list.id, { from, to }))) continue // another node was quicker
      const sealer = await vault.of(issuer.tenantId)
      const key = createSecretKey(sealer.index(JSON.stringify(['status list', list.id])), 'base64url')
      return { list, indexOf: makePermutation(key, list.size), next: from, end: to }
    }
  }

  /** One lease at a time for a group: who comes meanwhile waits for the same. */
  function leaseOnce(issuer: LiveIssuer, group: StatusListGroup, name: string): Promise<unknown> {
    const keep = (leased: Lease) => leases.set(name, leased)
    const under =
      leasing.get(name) ??
      lease(issuer, group)
        .then(keep)
        .finally(() => leasing.delete(name))
    leasing.set(name, under)
    return under
  }

  return {
    async allocate(issuer, { format, signing_key: keyName, signing_algorithm: algorithm }, count) {
      const group: StatusListGroup = { kind: kindOf(format), keyName, algorithm }
      const name = [issuer.issuerId, ...Object.values(group)].join(' ')
      const places: Place[] = []
      while (places.length < count) {
        const held = leases.get(name)
        if (!held || held.next >= held.end) {
          await leaseOnce(issuer, group, name)
          continue
        }
        const { list, indexOf } = held
        places.push({ listId: list.id, uri: uriOf(issuer, list.id), index: indexOf(held.next++) })
      }
      return places
    },
  }
}

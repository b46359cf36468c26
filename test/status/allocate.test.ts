import { createSecretKey } from 'node:crypto'
import test from 'ava'
import fc from 'fast-check'
import type { Place } from '../../src/status/allocate.ts'
import { makePermutation } from '../../src/status/permutation.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { allocatorOver, someConfiguration, someIssuer } from '../support/status-lists.ts'
import { opened, sharedDatabases, startStoreProcess } from '../support/store-process.ts'

const name = ({ listId, index }: Place) => `${listId} ${index}`
const indicesOf = (places: Place[]) => places.map(({ index }) => index)

test('Token Status List §13.2: positions become places one to one, for every key and size', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 1, max: 300 }), (key, size) => {
        const placeOf = makePermutation(createSecretKey(key), size)
        const places = new Set(Array.from({ length: size }, (_, position) => placeOf(position)))
        return places.size === size && Math.min(...places) === 0 && Math.max(...places) === size - 1
      }),
      { numRuns: 25 },
    ),
  )
  const placeOf = makePermutation(createSecretKey(Buffer.alloc(32, 1)), 10)
  for (const position of [-1, 10, 0.5]) t.throws(() => placeOf(position), { instanceOf: RangeError })
})

test('Token Status List §13.2: who sees places learns neither their order nor the next one', (t) => {
  const size = 2 ** 20
  const placeOf = makePermutation(createSecretKey(Buffer.alloc(32, 2)), size)
  const other = makePermutation(createSecretKey(Buffer.alloc(32, 3)), size)
  const places = Array.from({ length: 2000 }, (_, position) => placeOf(position))
  const steps = places.slice(1).map((place, at) => (place - places[at]! + size) % size)
  t.true(new Set(steps).size > 1990, 'steps between neighbours hardly repeat')
  t.true(Math.abs(steps.filter((step) => step < size / 2).length - 1000) < 150, 'and go up as often as down')
  for (const quarter of [0, 1, 2, 3]) {
    const inside = places.filter((place) => Math.floor(place / (size / 4)) === quarter).length
    t.true(Math.abs(inside - 500) < 100, 'places are all over the list')
  }
  t.true(places.filter((place, position) => other(position) === place).length < 5, 'each list has an order of its own')
})

for (const { name: on, url } of sharedDatabases(migrations)) {
  test(`Token Status List §13.2: every copy has a place of its own, also in a batch and in the next list [${on}]`, async (t) => {
    const database = await opened(t, await url())
    const settings = { size: 40, block: 8 }
    const [one, other] = [allocatorOver(database, settings), allocatorOver(database, settings)]
    const issuer = someIssuer('small')
    const asked = [one, other, one, one, other, other].map((node) => node.allocate(issuer, someConfiguration(), 15))
    const places = (await Promise.all(asked)).flat()
    t.is(places.length, 90)
    t.is(new Set(places.map(name)).size, 90)
    const lists = Map.groupBy(places, ({ listId }) => listId)
    const rows = await database.db('status_lists').where({ issuer_id: 'small' }).orderBy('number')
    t.deepEqual(
      rows.map(({ number }) => number),
      [1, 2, 3],
      'a full list is followed by one, whichever node opens it',
    )
    t.deepEqual(new Set(lists.keys()), new Set(rows.map(({ id }) => id)))
    for (const [listId, own] of lists) {
      for (const { uri, index } of own) {
        t.is(uri, `${issuer.identifier}/status-lists/${listId}`)
        t.true(index >= 0 && index < 40)
      }
    }
  })

  test(`Token Status List §11.3: a list is for one issuer, one kind and one key [${on}]`, async (t) => {
    const database = await opened(t, await url())
    const node = allocatorOver(database, { size: 64 })
    const configurations = [
      {},
      { format: 'mso_mdoc' as const },
      { format: 'jwt_vc_json' as const },
      { signing_key: 'other' },
      { signing_algorithm: 'EdDSA' as const },
    ]
    const listOf = async (issuer: string, settings = {}) =>
      (await node.allocate(someIssuer(issuer), someConfiguration(settings), 1))[0]!.listId
    const lists = []
    for (const settings of configurations) lists.push(await listOf('grouped', settings))
    t.is(lists[0], lists[1], 'SD-JWT VC and mdoc share one')
    t.is(new Set(lists).size, 4)
    t.not(await listOf('neighbour'), lists[0]!)
  })

  test(`two nodes never hand out one place twice, raced and killed [${on}]`, async (t) => {
    const at = await url()
    const seen: Place[] = []
    const rounds = [1, 2, 3]
    for (const _ of rounds) {
      const nodes = await Promise.all([1, 2].map(() => startStoreProcess(t, at, 'allocate')))
      const killed = nodes[0]!.do('400').then(
        (answer) => answer,
        () => '',
      )
      for (let turn = 0; turn < 5; turn++) {
        const answers = await Promise.all(nodes.slice(1).map((node) => node.do('70')))
        seen.push(...answers.flatMap((answer) => JSON.parse(answer) as Place[]))
        if (turn === 1) await nodes[0]!.stop()
      }
      const answer = await killed
      if (answer.startsWith('[')) seen.push(...(JSON.parse(answer) as Place[]))
      await nodes[1]!.stop()
    }
    t.true(seen.length >= rounds.length * 350)
    t.is(new Set(seen.map(name)).size, seen.length)
    const database = await opened(t, at)
    const { position } = await database.db('status_lists').where({ issuer_id: 'raced' }).first()
    t.true(position >= seen.length, 'what a killed node had is lost, and nobody gets it')
    const indices = indicesOf(seen)
    t.true(Math.max(...indices) - Math.min(...indices) > 2 ** 19, 'far apart in the list')
  })
}

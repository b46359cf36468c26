import test from 'ava'
import { keptByName, keptFor } from '../../src/lib/kept.ts'

/** A clock that moves when told, and a question whose answers are numbered; `fail` makes the next ones fail. */
function start(terms: Parameters<typeof keptFor<number>>[2]) {
  const at = { now: Date.now(), asked: 0, fail: false }
  const ask = async () => {
    at.asked += 1
    if (at.fail) throw new Error(`failure ${at.asked}`)
    return at.asked
  }
  return { at, kept: keptFor(() => new Date(at.now), ask, terms) }
}
const failure = async (attempt: Promise<unknown> | undefined) =>
  attempt?.then(
    () => 'none',
    ({ message }: Error) => message,
  )
const always = () => true

test('an answer holds as long as it is said to, and callers at the same time share one request', async (t) => {
  const { at, kept } = start({ seconds: 10 })
  t.deepEqual(await Promise.all([kept.get(), kept.get(), kept.again(always), kept.get()]), [1, 1, 1, 1])
  at.now += 9_999
  t.is(await kept.get(), 1)
  at.now += 1
  t.deepEqual(await Promise.all([kept.get(), kept.get()]), [2, 2])
  const own = start({ seconds: (answer) => answer * 10 })
  await own.kept.get()
  own.at.now += 10_000
  await own.kept.get()
  own.at.now += 19_999
  t.is(await own.kept.get(), 2)
})

test('a failure holds as long as it is said to, by itself not at all', async (t) => {
  const { at, kept } = start({ seconds: 10, failureSeconds: 5 })
  at.fail = true
  t.deepEqual(await Promise.all([failure(kept.get()), failure(kept.get())]), ['failure 1', 'failure 1'])
  t.is(await failure(kept.get()), 'failure 1')
  at.fail = false
  at.now += 5_000
  t.is(await kept.get(), 2)
  const none = start({ seconds: 10 })
  none.at.fail = true
  t.is(await failure(none.kept.get()), 'failure 1')
  none.at.fail = false
  t.is(await none.kept.get(), 2)
})

test('asked anew, if it may be; what holds is not given up for what does not come', async (t) => {
  const { at, kept } = start({ seconds: 10, failureSeconds: 5 })
  await kept.get()
  t.is(
    kept.again(() => false),
    undefined,
  )
  const newer = kept.again(always)
  const [shared, before] = [kept.again(() => false), kept.get()]
  t.is(shared, newer)
  t.is(await before, 1, 'while the newer one is on its way')
  t.is(await newer, 2)
  t.is(await kept.get(), 2)
  at.fail = true
  t.is(await failure(kept.again(always)), 'failure 3')
  t.is(await kept.get(), 2)
  at.now += 10_000
  t.is(await failure(kept.get()), 'failure 4')
})

test('what was dropped is asked for anew, unless another came meanwhile', async (t) => {
  const { kept } = start({ seconds: 10 })
  const first = kept.get()
  await first
  kept.drop(first)
  const second = kept.get()
  t.is(await second, 2)
  kept.drop(first)
  t.is(kept.get(), second)
})

test('of what is kept by name, that which was asked for longest ago goes first', (t) => {
  const kept = keptByName<{ made: number }>(2)
  let made = 0
  const get = (name: string) => kept(name, () => ({ made: ++made })).made
  t.deepEqual([get('a'), get('b'), get('a'), get('c'), get('a'), get('b')], [1, 2, 1, 3, 1, 4])
})

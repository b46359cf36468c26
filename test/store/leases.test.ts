import test from 'ava'
import { releaseLease, renewLease, takeLease } from '../../src/store/leases.ts'
import { opened, sharedDatabases, startStoreProcess } from '../support/store-process.ts'

for (const { name, url } of sharedDatabases({})) {
  test(`${name}: of four processes that want a lease at once one has it`, async (t) => {
    const at = await url()
    const database = await opened(t, at)
    const processes = await Promise.all([1, 2, 3, 4].map(() => startStoreProcess(t, at, 'lease')))
    const race = async () => {
      const answers = await Promise.all(processes.map((other, index) => other.do(`holder ${index}`)))
      t.is(answers.filter((answer) => answer === 'true').length, 1, answers.join())
    }
    await race()
    await database.db('leases').where({ name: 'job' }).update({ holder: 'killed', until: Date.now() })
    await race()
  })

  test(`${name}: a lease is its holder's until it runs out, is renewed or is given back`, async (t) => {
    const database = await opened(t, await url())
    const at = (second: number) => new Date(second * 1000)
    t.true(await takeLease(database, 'a job', 'a', 30, at(0)))
    t.true(await takeLease(database, 'a job', 'a', 30, at(1)), 'its own holder may take it again')
    t.true(await takeLease(database, 'another job', 'b', 30, at(1)))
    t.false(await takeLease(database, 'a job', 'b', 30, at(30)))
    t.true(await renewLease(database, 'a job', 'a', 30, at(30)))
    t.false(await takeLease(database, 'a job', 'b', 30, at(59)))
    t.true(await takeLease(database, 'a job', 'b', 30, at(60)), 'the holder is gone')
    t.false(await renewLease(database, 'a job', 'a', 30, at(61)), 'and learns so if it was only slow')
    await releaseLease(database, 'a job', 'a')
    t.false(await takeLease(database, 'a job', 'a', 30, at(62)), 'nor can it give back what is no longer its own')
    await releaseLease(database, 'a job', 'b')
    t.true(await takeLease(database, 'a job', 'a', 30, at(62)))
  })
}

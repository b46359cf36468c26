import test from 'ava'
import { databases } from '../support/databases.ts'
import { type NodeProcesses, startNodeProcesses } from '../support/node-processes.ts'
import { needs } from '../support/service.ts'

/** Ten at once, and whether they were: losers that come more than a second later are no race, and take away what the winner got. */
async function tenAtOnce<T>(redeem: () => Promise<T>): Promise<{ answers: T[]; isRace: boolean }> {
  const startedAt = performance.now()
  const answers = await Promise.all(Array.from({ length: 10 }, redeem))
  return { answers, isRace: performance.now() - startedAt < 1000 }
}

const count = (answers: { status: number }[], status: number) =>
  answers.filter((answer) => answer.status === status).length

for (const name of ['SQLite', 'MariaDB'] as const) {
  const where = `on ${name}, with two nodes`
  const database = databases.find((known) => known.name === name)
  const race = name === 'SQLite' ? needs() : needs(name)
  let started: Promise<NodeProcesses> | undefined
  const nodes = () => (started ??= database!.url().then((url) => startNodeProcesses(2, { databaseUrls: [url] })))
  test.after.always(async () => (await started)?.stop())

  race(
    `VCI-32, VCI-119: of ten redemptions of a pre-authorized code at once exactly one succeeds, ${where}`,
    async (t) => {
      const { offer, wallet } = await nodes()
      const { code } = await offer()
      const at = wallet('campus')
      await at.metadata()
      const { answers, isRace } = await tenAtOnce(() => at.redeem(code))
      t.is(count(answers, 200), 1)
      t.is(count(answers, 400), 9)
      for (const { status, body } of answers) if (status === 400) t.is(body.error, 'invalid_grant')
      const winner = answers.find(({ status }) => status === 200)!
      if (isRace) t.is((await at.credential(winner)).status, 200)
    },
  )

  race(`VCI-122: of ten redemptions of an authorization code at once exactly one succeeds, ${where}`, async (t) => {
    const { wallet } = await nodes()
    const at = wallet('staff')
    const signedIn = await at.signIn()
    const { answers, isRace } = await tenAtOnce(() => at.redeem(signedIn))
    t.is(count(answers, 200), 1)
    for (const { status, body } of answers) if (status !== 200) t.is(body.error, 'invalid_grant')
    const winner = answers.find(({ status }) => status === 200)!
    if (isRace) t.is((await at.credential(winner)).status, 200)
  })

  race(`VCI-55, VCI-121: five wrong PINs at once burn an offer, even for the right PIN, ${where}`, async (t) => {
    const { offer, wallet } = await nodes()
    const { code } = await offer({ txCode: '004217' })
    const at = wallet('registry')
    await at.metadata()
    const guesses = ['111111', '222222', '333333', '444444', '555555']
    for (const answer of await Promise.all(guesses.map((guess) => at.redeem(code, guess)))) {
      t.like(answer, { status: 400, body: { error: 'invalid_grant' } })
    }
    t.like(await at.redeem(code, '004217'), { status: 400, body: { error: 'invalid_grant' } })
  })

  race(
    `VCI-55, VCI-121: of twenty guesses at once five are compared, wherever the right one is, ${where}`,
    async (t) => {
      const { offer, wallet, services, issuer } = await nodes()
      const made = await offer({ txCode: '004217' })
      const at = wallet('registry')
      await at.metadata()
      const guesses = Array.from({ length: 20 }, (_, guess) => String(900_000 + guess))
      const answers = await Promise.all(guesses.map((guess) => at.redeem(made.code, guess)))
      t.is(count(answers, 400), 20)
      t.is((await services.tables.offers.find(await issuer('registry'), made.id))?.txCodeTries, 5)
    },
  )
}
